// The demo's motion, made in the page: eight made-up people who walk, run, jump, wave and squat.
import { actions, type Action } from './demoActions';
import { placeJoints, type Body } from './demoBody';
import { seededRandom } from '../../samples/seededRandom';

/** One recording of the demo. */
export interface DemoRecording {
  readonly name: string;
  readonly subject: string;
  readonly action: string;
  readonly split: 'train' | 'val';
  /** [frames, 17, 3] in mm, world axes, Y up. */
  readonly world: Float32Array<ArrayBuffer>;
}

const people = ['Ada', 'Ben', 'Chidi', 'Dana', 'Emil', 'Fatou', 'Gita', 'Hiro'];
/** Nobody in these recordings is seen in training. */
const heldOut = new Set(['Gita', 'Hiro']);

const trainingSeconds = 8;
const validationSeconds = 4.5;

/** All recordings at a frame rate in Hz; equal on every machine up to rounding of sines. */
export function demoRecordings(frameRate: number): DemoRecording[] {
  return people.flatMap((subject, person) => {
    const random = seededRandom(7919 * (person + 1));
    const body = makeBody(random);
    const split = heldOut.has(subject) ? 'val' : 'train';
    return Object.entries(actions).map(([action, move]) => ({
      name: `${subject} ${action}`,
      subject,
      action,
      split,
      world: record(body, move(random), frameRate, split === 'train' ? trainingSeconds : validationSeconds),
    }));
  });
}

function makeBody(random: () => number): Body {
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

function record(body: Body, action: Action, frameRate: number, seconds: number): Float32Array<ArrayBuffer> {
  const frames = Math.round(seconds * frameRate);
  const world = new Float32Array(frames * 51);
  for (let frame = 0; frame < frames; frame++) {
    const { posture, x, z, lift } = action(frame / frameRate);
    placeJoints(body, posture, x, z, lift, world, frame * 51);
  }
  return world;
}
