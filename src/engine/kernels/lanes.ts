// Vector access: the four neighbours that a vec4 covers are the values of one index variable.
import { add, scale, variable, type Index } from '../graph/indexing';

export type Lanes = 1 | 4;
/** The variable of the four neighbours that a vector access covers. */
export const LANE = 'lane';

/** Flat positions that unit number `unit` covers: one, or four neighbours. */
export function neighbours(unit: Index, lanes: Lanes): Index {
  return lanes === 4 ? add(scale(unit, 4), variable(LANE, 4)) : unit;
}

/** WGSL of zero. */
export function zero(lanes: Lanes): string {
  return lanes === 4 ? 'vec4<f32>(0.0)' : '0.0';
}
