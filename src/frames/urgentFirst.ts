// Things to be done one after the other, of which somebody may need one sooner.
import { inLanes } from './lanes';

interface Turn {
  readonly over: Promise<void>;
  readonly end: () => void;
}

export class UrgentFirst<T> {
  readonly #left: Set<T>;
  readonly #turns: ReadonlyMap<T, Turn>;
  readonly #urgent: T[] = [];

  constructor(items: Iterable<T>) {
    this.#left = new Set(items);
    this.#turns = new Map([...this.#left].map((item) => [item, newTurn()]));
  }

  /** Does `work` for each, first for those that are waited for; to be called once. Lanes and failures as `inLanes`. */
  async inLanes(
    lanes: number,
    signal: AbortSignal,
    work: (item: T, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    try {
      await inLanes(this.#inTurn(), lanes, signal, async (item, either) => {
        await work(item, either);
        this.#turns.get(item)!.end();
      });
    } finally {
      for (const { end } of this.#turns.values()) end();
    }
  }

  /** Kept when the item was worked on, or when all work has ended, whichever way; at once for anything else. */
  async over(item: T): Promise<void> {
    if (this.#left.has(item)) this.#urgent.push(item);
    await this.#turns.get(item)?.over;
  }

  *#inTurn(): Generator<T> {
    while (this.#left.size > 0) {
      const [first] = this.#left;
      const item = this.#urgent.shift() ?? first!;
      if (this.#left.delete(item)) yield item;
    }
  }
}

function newTurn(): Turn {
  let end!: () => void;
  return { over: new Promise((resolve) => (end = resolve)), end };
}
