// The skeleton families that motion capture files come in, and how each gives the 17 Human3.6M joints.
import type { BvhNode } from './bvhHierarchy';

/** Where the 17 joints (pose spec, section 8) lie in a skeleton: node names, `a+b` for the midpoint of two. */
export interface BvhFamily {
  readonly name: string;
  readonly joints: readonly string[];
  readonly millimetresPerUnit: number;
}

/** Unit of CMU's ASF files: 0.45 units are one inch. */
const cmuUnit = 25.4 / 0.45;

export const bvhFamilies: readonly BvhFamily[] = [
  {
    name: 'motionbuilder',
    joints: (
      'Hips RightUpLeg RightLeg RightFoot LeftUpLeg LeftLeg LeftFoot Spine+Spine1 Neck1 Head Head_End ' +
      'LeftArm LeftForeArm LeftHand RightArm RightForeArm RightHand'
    ).split(' '),
    millimetresPerUnit: cmuUnit,
  },
  {
    name: 'daz',
    joints: (
      'hip rThigh rShin rFoot lThigh lShin lFoot chest neck head leftEye+rightEye ' +
      'lShldr lForeArm lHand rShldr rForeArm rHand'
    ).split(' '),
    millimetresPerUnit: 10,
  },
  {
    name: 'max131',
    joints: (
      'Hips RightHip RightKnee RightAnkle LeftHip LeftKnee LeftAnkle Chest Neck Head Head_End ' +
      'LeftShoulder LeftElbow LeftWrist RightShoulder RightElbow RightWrist'
    ).split(' '),
    millimetresPerUnit: cmuUnit,
  },
];

/** Names of a family that a skeleton lacks; empty when all are there. */
export function missingJoints(family: BvhFamily, nodes: readonly BvhNode[]): string[] {
  const names = new Set(nodes.map((node) => node.name));
  return family.joints.flatMap((joint) => joint.split('+')).filter((name) => !names.has(name));
}

/** The family whose joints a skeleton has, or undefined. */
export function recogniseFamily(nodes: readonly BvhNode[], families: readonly BvhFamily[]): BvhFamily | undefined {
  return families.find((family) => missingJoints(family, nodes).length === 0);
}

/**
 * The 17 joints in millimetres, [frames, 17, 3], from world positions [frames, nodes, 3] in file units.
 * Every name of the family must exist (`missingJoints`).
 */
export function mapJoints(
  family: BvhFamily,
  nodes: readonly BvhNode[],
  world: Float32Array,
): Float32Array<ArrayBuffer> {
  const index = new Map(nodes.map((node, i) => [node.name, i]));
  const sources = family.joints.map((joint) => joint.split('+').map((name) => index.get(name)!));
  const frames = world.length / (nodes.length * 3);
  const out = new Float32Array(frames * sources.length * 3);
  let at = 0;
  for (let frame = 0; frame < frames; frame++) {
    const base = frame * nodes.length * 3;
    for (const source of sources) {
      const scale = family.millimetresPerUnit / source.length;
      for (let axis = 0; axis < 3; axis++) {
        let sum = 0;
        for (const node of source) sum += world[base + node * 3 + axis]!;
        out[at++] = sum * scale;
      }
    }
  }
  return out;
}
