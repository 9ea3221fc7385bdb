// A made-up person's body, and what a camera that sees joints would record of it.
import type { Action } from './actions';
import { placeJoints, type Body } from './body';

/** A body of its own proportions: sizes spread by a quarter, limbs by another eighth. */
export function makeBody(random: () => number): Body {
  const size = 0.88 + 0.24 * random();
  const limb = (length: number): number => length * size * (0.94 + 0.12 * random());
  return {
    hipWidth: limb(260),
    thigh: limb(445),
    shin: limb(440),
    spine: limb(235),
    chest: limb(255),
    neck: limb(115),
    head: limb(115),
    shoulderWidth: limb(300),
    upperArm: limb(285),
    forearm: limb(250),
  };
}

/** The joints of `seconds` of an action at a frame rate in Hz: [frames, 17, 3] in mm, world axes, Y up. */
export function recordMotion(
  body: Body,
  action: Action,
  frameRate: number,
  seconds: number,
): Float32Array<ArrayBuffer> {
  const frames = Math.round(seconds * frameRate);
  const world = new Float32Array(frames * 51);
  for (let frame = 0; frame < frames; frame++) {
    const { posture, x, z, lift } = action(frame / frameRate);
    placeJoints(body, posture, x, z, lift, world, frame * 51);
  }
  return world;
}
