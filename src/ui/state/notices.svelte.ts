// Short messages at the top of the page, each with at most one thing to do about it.
import type { Strings } from '../strings/en';

export interface Notice {
  readonly id: number;
  readonly tone: 'info' | 'warn' | 'bad';
  /** A function, so that the sentence follows the language. */
  readonly say: (text: Strings) => string;
  readonly action?: { readonly label: (text: Strings) => string; readonly run: () => void };
}

export class Notices {
  #all = $state.raw<readonly Notice[]>([]);
  #next = 1;

  get all(): readonly Notice[] {
    return this.#all;
  }

  /** Returns the notice's id, for taking it back. */
  add(notice: Omit<Notice, 'id'>): number {
    const id = this.#next++;
    this.#all = [...this.#all, { ...notice, id }];
    return id;
  }

  dismiss(id: number): void {
    this.#all = this.#all.filter((notice) => notice.id !== id);
  }
}
