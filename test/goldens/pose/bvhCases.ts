// Recorded BVH kinematics: skeleton.bvh through parser, forward kinematics and joint mapping.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseBvh } from '../../../src/annotations/bvh';
import { mapJoints, recogniseFamily, bvhFamilies } from '../../../src/annotations/bvhFamilies';
import { worldPositions } from '../../../src/annotations/bvhKinematics';
import { floatValues } from '../../../src/formats/storedTensor';
import { compare, readGolden, type GoldenResult } from '../../helpers/golden';

/** Compares node positions and the 17 joints of the recorded skeleton. */
export async function bvhCases(folder: string): Promise<GoldenResult[]> {
  const { tensors, metadata } = readGolden(folder, 'bvh_projection');
  const { atol_mm: atol } = JSON.parse(metadata['tolerance']!) as { atol_mm: number };
  const config = JSON.parse(metadata['config']!) as { joint_names: string[]; parents: number[]; unit_mm: number };
  const motion = parseBvh(readFileSync(join(folder, 'skeleton.bvh'), 'utf8'), 'skeleton.bvh');
  const world = worldPositions(motion);
  const family = recogniseFamily(motion.nodes, bvhFamilies)!;
  const names = motion.nodes.map((node) => config.joint_names.indexOf(node.name));
  const want = (name: string) => floatValues(tensors.get(`output.${name}`)!);
  return Promise.resolve([
    compare('node names', names, [...config.joint_names.keys()], {}),
    compare(
      'parents',
      motion.nodes.map((node) => node.parent),
      config.parents,
      {},
    ),
    compare('world positions', world, want('world_units'), { atol: atol / config.unit_mm }),
    compare('17 joints', mapJoints(family, motion.nodes, world), want('joints17_world_mm'), { atol }),
  ]);
}
