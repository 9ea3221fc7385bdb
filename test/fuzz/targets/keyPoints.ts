// People's key points of other programs, in JSON.
import { readKeyPointFrames } from '../../../src/annotations/keyPointFrames';
import { parseJson } from '../../../src/formats/json';
import type { FuzzTarget } from '../harness';

const coco = Array.from({ length: 51 }, (_, i) => i);
const pairs = Array.from({ length: 17 }, (_, i) => [i, i + 0.5]);
const forms = [
  [{ image_id: '3.jpg', keypoints: coco, idx: 2 }],
  { images: [{ id: 7, width: 640, height: 360 }], annotations: [{ image_id: 7, keypoints: coco, num_keypoints: 17 }] },
  { people: [{ person_id: [-1], pose_keypoints_2d: Array.from({ length: 75 }, (_, i) => i) }] },
  {
    meta_info: {},
    instance_info: [{ frame_id: 1, instances: [{ keypoints: pairs, keypoint_scores: coco.slice(0, 17) }] }],
  },
];

const target: FuzzTarget = {
  name: 'keyPoints',
  seeds: forms.map((form) => new TextEncoder().encode(JSON.stringify(form))),
  tokens: ['null', '[]', '{}', '1e999', '"7"', '"keypoints":', '"people":', '"instances":', '-1', ','],
  parse(bytes) {
    const path = 'a_000000000003_keypoints.json';
    readKeyPointFrames(parseJson(new TextDecoder().decode(bytes), path), path);
  },
};
export default target;
