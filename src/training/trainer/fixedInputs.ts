// What follows from frozen weights alone: made once for the weights as they are, and kept where the other programs read it.
import type { Program } from '../../engine/device/program';
import { invariant } from '../../errors';
import { FIXED } from './planTraining';

export class FixedInputs {
  readonly #maker: Program | null;
  readonly #readers: readonly Program[];
  #current = false;

  private constructor(maker: Program | null, readers: readonly Program[]) {
    this.#maker = maker;
    this.#readers = readers;
  }

  /** Of a model's programs; most have none that makes any. */
  static of(programs: readonly Program[]): FixedInputs {
    const maker = programs.find(({ plan }) => plan.spec.name === FIXED);
    return new FixedInputs(
      maker ?? null,
      programs.filter((one) => one !== maker),
    );
  }

  /** Whether an input is none of a batch's. */
  makes(name: string): boolean {
    return this.#maker?.plan.results.has(name) === true;
  }

  /** Weights were written. */
  outdated(): void {
    this.#current = false;
  }

  /** Makes them anew where weights were written since; else nothing happens. */
  refresh(): void {
    const maker = this.#maker;
    if (maker === null || this.#current) return;
    this.#current = true;
    maker.run(0, 0, {
      finish: (encoder) => {
        for (const name of maker.plan.results.keys())
          for (const reader of this.#readers) {
            if (!reader.plan.inputs.has(name)) continue;
            const [from, to] = [maker.result(name), reader.input(name)];
            invariant(from.bytes === to.bytes, `${name} is made as it is read`);
            encoder.copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, to.bytes);
          }
      },
    });
  }
}
