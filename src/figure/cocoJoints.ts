// COCO's 17 points as the 17 joints of Human3.6M. Pelvis, spine and thorax are no points of COCO: they are means of
// others, as in MotionAGFormer's demo (pose spec, section 8).

/** Points of COCO whose mean makes each joint, in the order of skeleton.ts. */
const sources: readonly (readonly number[])[] = [
  [11, 12],
  [12],
  [14],
  [16],
  [11],
  [13],
  [15],
  // The spine lies between pelvis and thorax.
  [5, 6, 11, 12],
  [5, 6],
  [0],
  [1, 2],
  [5],
  [7],
  [9],
  [6],
  [8],
  [10],
];

const points = 17;

/**
 * x, y and a confidence of each joint, [F, 17, 3], from COCO's points [F, 17, 3]. A joint that is a mean is as certain
 * as the least certain of its points.
 */
export function human36mFromCoco(coco: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const joints = new Float32Array(coco.length);
  for (let frame = 0; frame < coco.length; frame += points * 3)
    sources.forEach((from, joint) => {
      const to = frame + joint * 3;
      joints[to + 2] = 1;
      for (const point of from) {
        const at = frame + point * 3;
        joints[to]! += coco[at]! / from.length;
        joints[to + 1]! += coco[at + 1]! / from.length;
        joints[to + 2] = Math.min(joints[to + 2]!, coco[at + 2]!);
      }
    });
  return joints;
}
