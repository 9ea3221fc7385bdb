// Goes from one posture into another: joint angles in between, so that an action begins and ends without a jump.
import type { Posture } from './body';

type Pair = [number, number];

/** Angles at `share` (0 to 1) of the way from one posture to another. The heading is the second one's. */
export function blendPostures(from: Posture, to: Posture, share: number): Posture {
  const one = (a: number, b: number): number => a + share * (b - a);
  const two = (a: Pair, b: Pair): Pair => [one(a[0], b[0]), one(a[1], b[1])];
  return {
    heading: to.heading,
    lean: one(from.lean, to.lean),
    tilt: one(from.tilt, to.tilt),
    bend: one(from.bend, to.bend),
    sideBend: one(from.sideBend, to.sideBend),
    twist: one(from.twist, to.twist),
    nod: one(from.nod, to.nod),
    look: one(from.look, to.look),
    hip: two(from.hip, to.hip),
    hipOut: two(from.hipOut, to.hipOut),
    knee: two(from.knee, to.knee),
    shoulder: two(from.shoulder, to.shoulder),
    shoulderOut: two(from.shoulderOut, to.shoulderOut),
    shoulderTurn: two(from.shoulderTurn, to.shoulderTurn),
    elbow: two(from.elbow, to.elbow),
  };
}
