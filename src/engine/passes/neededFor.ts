// Which dispatches of a program one result follows from: a run of these alone gives it and changes nothing that lasts.
import type { Tensor } from '../graph/tensor';
import type { PlannedHost, PlannedProgram } from './plan';

export interface Needed {
  /** Numbers of dispatches. */
  readonly calls: ReadonlySet<number>;
  readonly hosts: readonly PlannedHost[];
}

/** Null where the program has loops, whose pieces are known to their bodies alone. */
export function neededFor({ calls, loops, hosts }: PlannedProgram, result: Tensor): Needed | null {
  if (loops.length > 0) return null;
  const wanted = new Set([result]);
  const needed = new Set<number>();
  const heard: PlannedHost[] = [];
  for (let at = calls.length; at >= 0; at--) {
    const bindings = calls[at]?.bindings ?? [];
    if (bindings.some(({ tensor, written }) => written && wanted.has(tensor))) {
      needed.add(at);
      for (const { tensor } of bindings) wanted.add(tensor);
    }
    for (const host of hosts) {
      if (host.at !== at || !host.gives.some((tensor) => wanted.has(tensor))) continue;
      heard.unshift(host);
      for (const tensor of host.reads) wanted.add(tensor);
    }
  }
  return { calls: needed, hosts: heard };
}
