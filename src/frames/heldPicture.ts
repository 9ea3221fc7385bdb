// The picture that was made last, held until another is wanted: clips of a batch, or of several, may be parts of it.
import { heardLater } from './heardLater';

type Bytes = Uint8Array<ArrayBuffer>;

export class HeldPicture {
  #held: { readonly owner: object; readonly key: string; readonly bytes: Promise<Bytes | null> } | null = null;

  /** The one picture that `make` gives, made where another was held. `key` says which one of the owner's it is. */
  async *get(owner: object, key: string, make: () => AsyncIterable<Bytes>): AsyncGenerator<Bytes> {
    if (this.#held?.owner !== owner || this.#held.key !== key) {
      const held = { owner, key, bytes: heardLater(firstOf(make())) };
      this.#held = held;
      // What failed for one clip may go well for the next.
      held.bytes.catch(() => {
        if (this.#held === held) this.#held = null;
      });
    }
    const bytes = await this.#held.bytes;
    if (bytes) yield bytes;
  }

  forget(owner: object | undefined): void {
    if (this.#held?.owner === owner) this.#held = null;
  }
}

async function firstOf<T>(items: AsyncIterable<T>): Promise<T | null> {
  for await (const item of items) return item;
  return null;
}
