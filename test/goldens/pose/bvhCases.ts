// Recorded BVH kinematics: skeleton.bvh through parser, forward kinematics and joint mapping, a camera, and into labels.
import { parseBvh } from '../../../src/annotations/bvh';
import { bvhFamilies, mapJoints, recogniseFamily } from '../../../src/annotations/bvhFamilies';
import { worldPositions } from '../../../src/annotations/bvhKinematics';
import { cameraAt } from '../../../src/figure/camera';
import { cameraToImage, normalisePoses, projectFrame } from '../../../src/figure/projection';
import { equalLists, type GoldenResult } from '../../helpers/golden';
import type { Recording } from '../../helpers/recording';
import { textBeside } from '../group';

interface RecordedCamera {
  readonly fx: number;
  readonly fy: number;
  readonly cx: number;
  readonly cy: number;
  readonly yaw: number;
  readonly pitch: number;
  readonly dist: number;
  readonly w: number;
  readonly h: number;
}

interface Config {
  readonly joint_names: readonly string[];
  readonly parents: readonly number[];
  readonly unit_mm: number;
  readonly camera: RecordedCamera;
}

const VALUES = 17 * 3;

/** Positions of nodes and joints, then the projected skeleton with its labels. */
export function bvhCases(file: Recording): readonly GoldenResult[] {
  const { atol_mm: atol, normalised } = file.json<{ atol_mm: number; normalised: number }>('tolerance');
  const { joint_names: names, parents, unit_mm: unit, camera: recorded } = file.json<Config>('config');
  const motion = parseBvh(textBeside(file.folder, 'skeleton.bvh'), 'skeleton.bvh');
  const nodes = worldPositions(motion);
  const world = mapJoints(recogniseFamily(motion.nodes, bvhFamilies)!, motion.nodes, nodes);

  const { yaw, pitch, dist, w: width, h: height, ...lens } = recorded;
  const target: [number, number, number] = [0, 0, 0];
  for (let at = 0; at < world.length; at += VALUES)
    for (let axis = 0; axis < 3; axis++) target[axis]! += world[at + axis]! / motion.frames;
  const camera = cameraAt(yaw, pitch, dist, target, { ...lens, width, height });
  const image = new Float64Array(motion.frames * VALUES);
  const fromCamera = Float64Array.from(file.want('output.joints17_camera_mm'));
  const ratios: number[] = [];
  for (let at = 0; at < image.length; at += VALUES) {
    ratios.push(projectFrame(camera, world, at, image.subarray(at, at + VALUES)));
    cameraToImage(camera, fromCamera.subarray(at, at + VALUES));
  }
  const pixels = image.filter((_, i) => i % 3 < 2);
  // How many millimetres a pixel is differs from frame to frame.
  const ofPixels = { atol: atol * Math.min(...ratios) };
  return [
    equalLists(
      'node names',
      motion.nodes.map((node) => names.indexOf(node.name)),
      [...names.keys()],
    ),
    equalLists(
      'parents',
      motion.nodes.map((node) => node.parent),
      parents,
    ),
    file.compare('output.world_units', nodes, { atol: atol / unit }),
    file.compare('output.joints17_world_mm', world, { atol }),
    // Recorded in f32.
    file.compare('output.camera_rotation', camera.rotation, { atol: 1e-7 }),
    file.compare('output.camera_centre_mm', camera.centre, { atol }),
    file.compare('output.pixels', pixels, ofPixels),
    file.compare('output.ratio_px_per_mm', ratios, { rtol: 1e-6 }),
    file.compare('output.joint3d_image', image, ofPixels),
    { ...file.compare('output.joint3d_image', fromCamera, ofPixels), name: '3D image label from camera space' },
    file.compare('output.normalised_2d', normalisePoses(pixels, 2, width, height), { atol: normalised }),
    file.compare('output.normalised_3d', normalisePoses(image, 3, width, height), { atol: normalised }),
  ];
}
