// What a task's folder under test/models brings to show its view without training: `fake` in its fakeView.ts.

export interface FakeMoments {
  readonly before: unknown;
  readonly now: unknown;
  readonly after: unknown;
}

export interface FakeView {
  /** A payload of the view: 0 knows nothing yet, 1 is trained. The same skill gives the same numbers. */
  readonly viewAt: (skill: number) => unknown;
  /** Further states of the view by name. */
  readonly cases?: Readonly<Record<string, () => FakeMoments>>;
}

export const nothing: FakeMoments = { before: null, now: null, after: null };

const modules = import.meta.glob<{ fake: FakeView }>('../../models/*/fakeView.ts');

/** The made-up view of a task, loaded when it is asked for; undefined where its folder brings none. */
export const fakeViewOf = async (task: string): Promise<FakeView | undefined> =>
  (await modules[`../../models/${task}/fakeView.ts`]?.())?.fake;
