// Kinds of kernels by their share of a step, as lines of text.
import { kernelKinds } from '../../src/engine/device/profile';
import type { CompiledStep } from './engine';

/** Runs a step with every kernel timed. Throws UserError where the adapter has no timestamps. */
export async function kernelLines(compiled: CompiledStep, most = 30): Promise<string[]> {
  return kernelKinds(await compiled.profile())
    .slice(0, most)
    .map(({ name, dispatches, milliseconds, flops, bytes }) =>
      [
        `${milliseconds.toFixed(2).padStart(9)} ms`,
        `${dispatches}`.padStart(5),
        `${(flops / milliseconds / 1e6).toFixed(1).padStart(7)} GFLOP/s`,
        `${(bytes / milliseconds / 1e6).toFixed(1).padStart(6)} GB/s`,
        ` ${name}`,
      ].join(''),
    );
}
