// What a test holds back until it has looked: the adapter's answer, or the check of the files in its middle.

export type Held = 'adapter' | 'reading';

/** Gates by name: closed from the start where held, and open for good once let go. */
export class Gates {
  readonly #gates = new Map<Held, { readonly opened: Promise<void>; readonly open: () => void }>();

  constructor(held: readonly Held[] = []) {
    for (const name of held) {
      let open = () => {};
      const opened = new Promise<void>((resolve) => (open = resolve));
      this.#gates.set(name, { opened, open });
    }
  }

  /** Comes back once the gate is open. */
  async pass(name: Held): Promise<void> {
    await this.#gates.get(name)?.opened;
  }

  letGo(name: Held): void {
    this.#gates.get(name)?.open();
  }
}
