// Motion capture text.
import { parseBvh } from '../../../src/annotations/bvh';
import { worldPositions } from '../../../src/annotations/bvhKinematics';
import { skeletonText, tinyBvh } from '../../annotations/bvhText';
import type { FuzzTarget } from '../harness';

const target: FuzzTarget = {
  name: 'bvh',
  seeds: [tinyBvh, skeletonText(1, 2)].map((text) => new TextEncoder().encode(text)),
  tokens: ['JOINT a\n{\n', 'End Site', '}', 'MOTION\n', 'Frames: 9', 'CHANNELS 6 ', 'ROOT'],
  parse(bytes) {
    const positions = worldPositions(parseBvh(new TextDecoder().decode(bytes), 'a.bvh'));
    if (!positions.every(Number.isFinite)) throw new Error('a position is not finite');
  },
};
export default target;
