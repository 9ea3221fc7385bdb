// Which items a run trains on, which decide about its epochs, and which it never sees.

export interface Parts<Item> {
  readonly training: readonly Item[];
  readonly validation: readonly Item[];
  readonly test: readonly Item[];
  /** Nothing was marked for validation: the test items are judged in its place. */
  readonly testJudged: boolean;
}

/** Parts by the items' own splits. */
export function partsOf<Item extends { readonly split: 'train' | 'val' | 'test' }>(
  items: readonly Item[],
): Parts<Item> {
  const of = (split: Item['split']): Item[] => items.filter((one) => one.split === split);
  const [training, marked, test] = [of('train'), of('val'), of('test')];
  const testJudged = marked.length === 0 && test.length > 0;
  return { training, validation: testJudged ? test : marked, test: testJudged ? [] : test, testJudged };
}
