// Poses written as BVH come back from our own reader: the same joints, and the head above the feet.
import { expect, test } from 'vitest';
import { parseBvh } from '../../src/annotations/bvh';
import { bvhFamilies, mapJoints, recogniseFamily } from '../../src/annotations/bvhFamilies';
import { worldPositions } from '../../src/annotations/bvhKinematics';
import { writeBvh } from '../../src/annotations/writeBvh';
import { actions } from '../../src/figure/actions';
import { makeBody, recordMotion } from '../../src/figure/motion';
import { seededRandom } from '../../src/samples/seededRandom';

/** What our reader makes of a file, [F, 17, 3] in mm. */
function readBack(text: string): { joints: Float32Array; rate: number } {
  const motion = parseBvh(text, 'made.bvh');
  const family = recogniseFamily(motion.nodes, bvhFamilies);
  expect(family?.name).toBe('mixamo');
  return { joints: mapJoints(family!, motion.nodes, worldPositions(motion)), rate: 1 / motion.secondsPerFrame };
}

test.each(Object.entries(actions))('%s comes back as it was, upright', (_, move) => {
  const random = seededRandom(3);
  const world = recordMotion(makeBody(random), move(random), 25, 2);
  const { joints, rate } = readBack(writeBvh({ world, framesPerSecond: 25, millimetresPerUnit: 1 }));
  expect(rate).toBeCloseTo(25, 3);
  expect(joints).toHaveLength(world.length);
  let worst = 0;
  for (let i = 0; i < world.length; i++) worst = Math.max(worst, Math.abs(joints[i]! - world[i]!));
  // Shoulders and hips lie on average where they are written; the made-up ones shift by a millimetre or two.
  expect(worst).toBeLessThan(3);
  for (let frame = 0; frame < world.length / 51; frame++) {
    const height = (joint: number): number => joints[(frame * 17 + joint) * 3 + 1]!;
    expect(height(10)).toBeGreaterThan(Math.max(height(3), height(6)));
  }
});
