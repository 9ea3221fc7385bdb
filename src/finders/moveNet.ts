// What MoveNet's single-pose network says of a square picture, as people's key points: a middle, joints from there,
// and each joint refined where its own map is high near by. The last steps follow the published graph, which gives only
// the person nearest to the middle; its maps hold others too. Google, "Next-Generation Pose Detection with MoveNet" (2021).

export const moveNetSide = 192;
export const moveNetPoints = 17;

const cells = 48;
/** Softens distances, as the graph's own constants do. */
const nearness = 1.8;
/** People whose middles are so near are one, in cells. */
const samePerson = 6;

/** One person; COCO's 17 points. */
export interface FoundPose {
  /** x, y in units of the square, and a score of 0..1, [17, 3]. */
  readonly points: Float32Array;
  /** Of the middle, 0..1. */
  readonly score: number;
}

/** Outputs of the network, row by row, [48, 48, channels]; see graphParts.ts. */
export interface MoveNetMaps {
  readonly middles: ArrayLike<number>;
  readonly joints: ArrayLike<number>;
  readonly regress: ArrayLike<number>;
  readonly offsets: ArrayLike<number>;
}

/** The person nearest to the middle of the square, as the published graph chooses. */
export function middlePose(maps: MoveNetMaps): FoundPose {
  let best = 0;
  let most = -1;
  for (let at = 0; at < cells * cells; at++) {
    const fromMiddle = Math.hypot((at % cells) - cells / 2, Math.floor(at / cells) - cells / 2);
    const score = maps.middles[at]! / (fromMiddle + nearness);
    if (score > most) [best, most] = [at, score];
  }
  return poseAt(maps, best);
}

/** Everyone whose middle is a peak of at least `threshold`; the most certain first. */
export function allPoses(maps: MoveNetMaps, threshold: number): FoundPose[] {
  const { middles } = maps;
  const peaks: number[] = [];
  const order = Array.from({ length: cells * cells }, (_, at) => at).filter((at) => middles[at]! >= threshold);
  order.sort((a, b) => middles[b]! - middles[a]!);
  const apart = (a: number, b: number): number =>
    Math.hypot((a % cells) - (b % cells), Math.floor(a / cells) - Math.floor(b / cells));
  for (const at of order) if (peaks.every((peak) => apart(peak, at) > samePerson)) peaks.push(at);
  return peaks.map((at) => poseAt(maps, at));
}

function poseAt({ middles, joints, regress, offsets }: MoveNetMaps, middle: number): FoundPose {
  const points = new Float32Array(moveNetPoints * 3);
  for (let joint = 0; joint < moveNetPoints; joint++) {
    const y = Math.floor(middle / cells) + regress[(middle * moveNetPoints + joint) * 2]!;
    const x = (middle % cells) + regress[(middle * moveNetPoints + joint) * 2 + 1]!;
    let best = 0;
    let most = -1;
    for (let at = 0; at < cells * cells; at++) {
      const score =
        joints[at * moveNetPoints + joint]! / (Math.hypot((at % cells) - x, Math.floor(at / cells) - y) + nearness);
      if (score > most) [best, most] = [at, score];
    }
    const offset = (best * moveNetPoints + joint) * 2;
    points[joint * 3] = ((best % cells) + offsets[offset + 1]!) / cells;
    points[joint * 3 + 1] = (Math.floor(best / cells) + offsets[offset]!) / cells;
    points[joint * 3 + 2] = joints[best * moveNetPoints + joint]!;
  }
  return { points, score: middles[middle]! };
}
