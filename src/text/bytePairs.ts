// Byte-pair encoding over the vocabulary of CLIP: Sennrich et al. 2016, arXiv:1508.07909, on bytes.

/** Ends the last symbol of a word. */
const WORD_END = '</w>';

/** Bytes that stand for themselves; the others, in ascending order, are written as U+0100, U+0101, …. */
function printable(byte: number): boolean {
  return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

/** Bytes in the order of their ids: those that stand for themselves first. */
const byteOrder = [
  ...Array.from({ length: 256 }, (_, byte) => byte).filter(printable),
  ...Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !printable(byte)),
];
const ownSymbols = byteOrder.filter(printable).length;
const symbolOf: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const place = byteOrder.indexOf(byte);
  return String.fromCharCode(place < ownSymbols ? byte : 0x100 + place - ownSymbols);
});

export class BytePairs {
  readonly #ids = new Map<string, number>();
  /** Rank of a merge by its two symbols with a space between them. */
  readonly #ranks = new Map<string, number>();
  readonly #known = new Map<string, readonly number[]>();

  /** Merges in the order of their ranks, two symbols with a space between them. */
  constructor(merges: readonly string[]) {
    const bytes = byteOrder.map((byte) => symbolOf[byte]!);
    for (const symbol of bytes) this.#ids.set(symbol, this.#ids.size);
    for (const symbol of bytes) this.#ids.set(symbol + WORD_END, this.#ids.size);
    for (const [rank, merge] of merges.entries()) {
      this.#ranks.set(merge, rank);
      this.#ids.set(merge.replace(' ', ''), 512 + rank);
    }
  }

  /** Ids of one word, which holds no white space. */
  encode(word: string): readonly number[] {
    const known = this.#known.get(word);
    if (known) return known;
    const symbols = Array.from(new TextEncoder().encode(word), (byte) => symbolOf[byte]!);
    symbols.push(symbols.pop()! + WORD_END);
    const ids = this.#merge(symbols).map((symbol) => this.#ids.get(symbol)!);
    this.#known.set(word, ids);
    return ids;
  }

  /** Joins, everywhere in the word, the neighbours whose merge has the lowest rank, until none is left. */
  #merge(word: readonly string[]): readonly string[] {
    let symbols = word;
    while (symbols.length > 1) {
      let best = Infinity;
      for (let k = 0; k + 1 < symbols.length; k++)
        best = Math.min(best, this.#ranks.get(`${symbols[k]!} ${symbols[k + 1]!}`) ?? Infinity);
      if (best === Infinity) break;
      const joined: string[] = [];
      for (let k = 0; k < symbols.length; k++) {
        const pair = k + 1 < symbols.length ? this.#ranks.get(`${symbols[k]!} ${symbols[k + 1]!}`) : undefined;
        joined.push(pair === best ? symbols[k]! + symbols[++k]! : symbols[k]!);
      }
      symbols = joined;
    }
    return symbols;
  }
}
