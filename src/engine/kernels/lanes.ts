// Vector access: the four neighbours that a vec4 covers are the values of one index variable.
import { add, Index, scale, strideOf, variable, without } from '../graph/indexing';
import type { Target } from './target';

export type Lanes = 1 | 4;
/** The variable of the four neighbours that a vector access covers. */
export const LANE = 'lane';

/** Flat positions that unit number `unit` covers: one, or four neighbours. */
export function neighbours(unit: Index, lanes: Lanes): Index {
  return lanes === 4 ? add(scale(unit, 4), variable(LANE, 4)) : unit;
}

/** Up to here a driver that translates by the processor takes longer over vectors than single numbers take to run. */
const FEW = 2 ** 13;

/** `lanes` for a kernel that reads so many elements of an array, or 1 where vectors do not pay. */
export function worthLanes(lanes: Lanes, elements: number, target: Target): Lanes {
  return target.unrolls && elements <= FEW ? 1 : lanes;
}

/** WGSL of zero. */
export function zero(lanes: Lanes): string {
  return lanes === 4 ? 'vec4<f32>(0.0)' : '0.0';
}

/** Whether the four neighbours lie side by side, from a multiple of four on. */
export function isVector(index: Index): boolean {
  const { constant, terms } = without(index, LANE);
  return strideOf(index, LANE) === 1 && constant % 4 === 0 && terms.every(({ factor }) => factor % 4 === 0);
}

/** Number of the vector at which such an index lies. */
export function vectorNumber(index: Index): Index {
  const { constant, terms } = without(index, LANE);
  return new Index(
    terms.map((one) => ({ ...one, factor: one.factor / 4 })),
    constant / 4,
  );
}
