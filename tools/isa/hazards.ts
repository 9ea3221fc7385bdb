// Which dispatches of a program must wait for those before them: what barriers its memory needs, whoever puts them.
import type { Call } from '../../src/engine/kernels/call';
import { parameterOf, type PlannedProgram } from '../../src/engine/passes/plan';

interface Access {
  /** An arena, a parameter's name, or a tensor that lies elsewhere. */
  readonly where: unknown;
  readonly from: number;
  readonly to: number;
  readonly written: boolean;
}

/**
 * Whether a barrier stands before each dispatch: where it reads or writes bytes that one since the last barrier wrote,
 * or writes bytes that such a one read.
 */
export function barriersOf({
  calls,
  memory,
  updatesInPlace,
}: {
  readonly calls: readonly Pick<Call, 'bindings'>[];
  readonly memory: Pick<PlannedProgram['memory'], 'places'>;
} & Pick<PlannedProgram, 'updatesInPlace'>): boolean[] {
  let since: Access[] = [];
  return calls.map(({ bindings }) => {
    const own = bindings.map(({ tensor, written }): Access => {
      const place = memory.places.get(tensor);
      if (!place)
        return { where: updatesInPlace.get(tensor) ?? parameterOf(tensor) ?? tensor, from: 0, to: 1, written };
      return { where: place.arena, from: place.offset, to: place.offset + place.bytes, written };
    });
    const waits = own.some((one) => since.some((other) => clash(one, other)));
    since = waits ? own : [...since, ...own];
    return waits;
  });
}

function clash(a: Access, b: Access): boolean {
  return a.where === b.where && (a.written || b.written) && a.from < b.to && b.from < a.to;
}
