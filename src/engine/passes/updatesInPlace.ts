// New values of running statistics lie where the old ones do: nothing is copied at the end of a step.
import type { Tensor } from '../graph/tensor';
import type { Call } from '../kernels/call';

/**
 * Those of `updates` that may be made in the memory of what they update, with its name. No dispatch after the one that
 * makes them reads the old value, nor does JavaScript (`heard`), and that one reads it where it writes the new one.
 * `parameter` names the parameter that a tensor stands for.
 */
export function findUpdatesInPlace(
  calls: readonly Pick<Call, 'bindings' | 'inPlace'>[],
  updates: ReadonlyMap<string, Tensor>,
  heard: readonly Tensor[],
  parameter: (tensor: Tensor) => string | null,
): ReadonlyMap<Tensor, string> {
  const makers = new Map<Tensor, number>();
  const readers = new Map<string, number>();
  calls.forEach(({ bindings }, at) => {
    for (const { tensor, written } of bindings) {
      const name = parameter(tensor);
      if (name !== null) readers.set(name, at);
      // Several dispatches may each make a part.
      if (written && !makers.has(tensor)) makers.set(tensor, at);
    }
  });
  for (const tensor of heard) {
    const name = parameter(tensor);
    if (name !== null) readers.set(name, calls.length);
  }
  const found = new Map<Tensor, string>();
  for (const [name, tensor] of updates) {
    const made = makers.get(tensor);
    const read = readers.get(name) ?? -1;
    if (made === undefined || read > made || found.has(tensor)) continue;
    const { bindings, inPlace } = calls[made]!;
    const old = bindings.findIndex((one) => parameter(one.tensor) === name);
    const own = bindings.findIndex((one) => one.tensor === tensor);
    if (read < made || inPlace.some((one) => one.read === old && one.written === own)) found.set(tensor, name);
  }
  return found;
}
