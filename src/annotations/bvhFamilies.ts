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
    name: 'mixamo',
    joints: (
      'Hips RightUpLeg RightLeg RightFoot LeftUpLeg LeftLeg LeftFoot Spine1 Neck Head HeadTop_End ' +
      'LeftArm LeftForeArm LeftHand RightArm RightForeArm RightHand'
    ).split(' '),
    millimetresPerUnit: 10,
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

/** Names without what all share before a colon, a bar or an underscore: `mixamorig:Hips`, `Armature|Hips`, `rig_Hips`. */
function plainNames(nodes: readonly BvhNode[]): string[] {
  const names = nodes.map(({ name }) => name.replace(/^.*[:|]/, ''));
  const shared = /^[^_]+_/.exec(names[0] ?? '')?.[0];
  return shared !== undefined && names.every((name) => name.startsWith(shared))
    ? names.map((name) => name.slice(shared.length))
    : names;
}

/** The first joint of a family whose name a skeleton has twice, or undefined. */
export function repeatedJoint(family: BvhFamily, nodes: readonly BvhNode[]): string | undefined {
  const repeated = new Set(plainNames(nodes).flatMap((name) => /^(.*)\.\d{3,}$/.exec(name)?.[1] ?? []));
  // Of several End Sites of a joint the first is meant.
  const joints = family.joints.flatMap((joint) => joint.split('+')).filter((name) => !name.endsWith('_End'));
  return joints.find((name) => repeated.has(name));
}

/** Names of a family that a skeleton lacks; empty when all are there. */
export function missingJoints(family: BvhFamily, nodes: readonly BvhNode[]): string[] {
  const names = new Set([...plainNames(nodes), ...nodes.map(({ name }) => name)]);
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
  const plain = plainNames(nodes).map((name, i) => [name, i] as const);
  const index = new Map([...plain, ...nodes.map(({ name }, i) => [name, i] as const)]);
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
