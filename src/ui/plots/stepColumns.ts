// The steps of a run as columns of numbers, which grow with it: curves are drawn from these without a look at every record.
import type { StepRecord } from '../../training/protocol';

/** A column that is smoothed once, as far as it reaches; see `smoothing.ts`. */
interface Smoothed {
  readonly weight: number;
  values: Float64Array;
  done: number;
  sum: number;
  mass: number;
}

/** As in `StepWaits`. */
export const waits = ['data', 'submit', 'gpu'] as const;

const firstCapacity = 1024;

export class StepColumns {
  #length = 0;
  #last: StepRecord | null = null;
  #parts: readonly string[] = [];
  readonly #columns = new Map<string, Float64Array>();
  readonly #smoothed = new Map<string, Smoothed>();

  get length(): number {
    return this.#length;
  }

  /** Names of the loss's parts, by the first step. */
  get parts(): readonly string[] {
    return this.#parts;
  }

  /** Takes over the steps that are new; all of them anew where the run went back to a checkpoint. */
  follow(records: readonly StepRecord[]): void {
    if (this.#length > records.length || (this.#last !== null && records[this.#length - 1] !== this.#last))
      this.#clear();
    if (this.#length === 0) this.#parts = Object.keys(records[0]?.parts ?? {});
    for (let at = this.#length; at < records.length; at++) this.#add(records[at]!);
  }

  /**
   * `step`, `loss`, `rate`, `milliseconds`, `seconds` (of training, up to and with the step), `part NAME`, and where the
   * run has it `norm` (of the gradient), `held` (bytes on the GPU), `data`, `submit`, `gpu` (what steps waited for).
   */
  column(name: string): Float64Array {
    return (this.#columns.get(name) ?? new Float64Array(0)).subarray(0, this.#length);
  }

  /** Whether some step has it. */
  has(name: string): boolean {
    return this.#columns.has(name);
  }

  /** A column smoothed by `weight`, of which only what is new is computed. */
  smoothed(name: string, weight: number): Float64Array {
    const values = this.column(name);
    let found = this.#smoothed.get(name);
    if (found?.weight !== weight) {
      found = { weight, values: new Float64Array(values.length), done: 0, sum: 0, mass: 0 };
      this.#smoothed.set(name, found);
    }
    if (found.values.length < values.length) found.values = grown(found.values, values.length);
    for (; found.done < values.length; found.done++) {
      const value = values[found.done]!;
      if (!Number.isFinite(value)) {
        found.values[found.done] = NaN;
        continue;
      }
      // Dividing by the weights' own sum is Adam's bias correction: the first points are not dragged to zero.
      found.sum = weight * found.sum + (1 - weight) * value;
      found.mass = weight * found.mass + (1 - weight);
      found.values[found.done] = found.sum / found.mass;
    }
    return found.values.subarray(0, values.length);
  }

  #add(record: StepRecord): void {
    const at = this.#length++;
    const { step, loss, learningRate, milliseconds } = record;
    const before = at === 0 ? 0 : this.#columns.get('seconds')![at - 1]!;
    this.#put('step', at, step);
    this.#put('loss', at, loss);
    this.#put('rate', at, learningRate);
    this.#put('milliseconds', at, milliseconds);
    this.#putSome('norm', at, record.gradientNorm);
    this.#putSome('held', at, record.heldBytes);
    for (const wait of waits) this.#putSome(wait, at, record.waits?.[wait]);
    this.#put('seconds', at, before + (Number.isFinite(milliseconds) ? milliseconds / 1000 : 0));
    for (const part of this.#parts) this.#put(`part ${part}`, at, record.parts[part] ?? NaN);
    this.#last = record;
  }

  /** Of a run that went on in another version only some steps have it. */
  #putSome(name: string, at: number, value: number | undefined): void {
    if (value === undefined && !this.#columns.has(name)) return;
    if (!this.#columns.has(name)) for (let i = 0; i < at; i++) this.#put(name, i, NaN);
    this.#put(name, at, value ?? NaN);
  }

  #put(name: string, at: number, value: number): void {
    let column = this.#columns.get(name) ?? new Float64Array(firstCapacity);
    if (at >= column.length) column = grown(column, at + 1);
    column[at] = value;
    this.#columns.set(name, column);
  }

  #clear(): void {
    this.#length = 0;
    this.#columns.clear();
    this.#last = null;
    this.#smoothed.clear();
  }
}

/** At least twice as long, so that growing costs little. */
function grown(values: Float64Array, length: number): Float64Array {
  const longer = new Float64Array(Math.max(length, 2 * values.length));
  longer.set(values);
  return longer;
}
