// Kinds of kernels by their share of a step, as lines of text.
import type { CompiledStep } from './engine';

/** Runs a step with every kernel timed. Throws UserError where the adapter has no timestamps. */
export async function kernelLines(compiled: CompiledStep, most = 30): Promise<string[]> {
  const kinds = new Map<string, { count: number; milliseconds: number; flops: number; bytes: number }>();
  for (const { label, milliseconds, call } of await compiled.profile()) {
    const name = `${call.entryPoint} | ${label.split(' > ').at(-1)!}`;
    const kind = kinds.get(name) ?? { count: 0, milliseconds: 0, flops: 0, bytes: 0 };
    kinds.set(name, {
      count: kind.count + 1,
      milliseconds: kind.milliseconds + milliseconds,
      flops: kind.flops + call.flops,
      bytes: kind.bytes + call.bytes,
    });
  }
  const all = [...kinds].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
  return all
    .slice(0, most)
    .map(([name, { count, milliseconds, flops, bytes }]) =>
      [
        `${milliseconds.toFixed(2).padStart(9)} ms`,
        `${count}`.padStart(5),
        `${(flops / milliseconds / 1e6).toFixed(1).padStart(7)} GFLOP/s`,
        `${(bytes / milliseconds / 1e6).toFixed(1).padStart(6)} GB/s`,
        ` ${name}`,
      ].join(''),
    );
}
