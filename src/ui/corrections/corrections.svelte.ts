// What a person says is true of videos or pictures after a model has said what it finds: kept over reloads, with undo.
import type { CorrectionStore } from './correctionStore';
import type { Corrected, Mark } from './marks';

/** Corrections by the name of what they are of; names are the same in every visit. */
type ByName<M extends Mark> = ReadonlyMap<string, Corrected<M>>;

const mostUndone = 100;

export class Corrections<M extends Mark> {
  readonly #store: CorrectionStore<M>;
  #all = $state.raw<ByName<M>>(new Map());
  #past = $state.raw<readonly ByName<M>[]>([]);
  #future = $state.raw<readonly ByName<M>[]>([]);
  #kept = $state(true);

  readonly canUndo: boolean = $derived(this.#past.length > 0);
  readonly canRedo: boolean = $derived(this.#future.length > 0);

  constructor(store: CorrectionStore<M>) {
    this.#store = store;
    this.#all = store.read();
  }

  get all(): ByName<M> {
    return this.#all;
  }
  /** False once the browser refused to keep them: they then last as long as the page. */
  get kept(): boolean {
    return this.#kept;
  }

  /** Null where nobody has corrected anything. */
  of(name: string): Corrected<M> | null {
    return this.#all.get(name) ?? null;
  }

  /** One change, to be undone as one. What nobody has corrected yet starts as `original`. */
  change(name: string, original: Corrected<M>, edit: (now: Corrected<M>) => Corrected<M>): void {
    const now = this.of(name) ?? original;
    const next = edit(now);
    if (next !== now) this.#become(new Map(this.#all).set(name, next));
  }

  /** Back to the labels as they were. */
  reset(name: string): void {
    if (!this.#all.has(name)) return;
    this.#become(new Map([...this.#all].filter(([other]) => other !== name)));
  }

  undo(): void {
    const last = this.#past.at(-1);
    if (last === undefined) return;
    this.#past = this.#past.slice(0, -1);
    this.#future = [...this.#future, this.#all];
    this.#show(last);
  }

  redo(): void {
    const next = this.#future.at(-1);
    if (next === undefined) return;
    this.#future = this.#future.slice(0, -1);
    this.#past = [...this.#past, this.#all];
    this.#show(next);
  }

  #become(next: ByName<M>): void {
    this.#past = [...this.#past, this.#all].slice(-mostUndone);
    this.#future = [];
    this.#show(next);
  }

  #show(next: ByName<M>): void {
    this.#all = next;
    this.#kept = this.#store.write(next);
  }
}
