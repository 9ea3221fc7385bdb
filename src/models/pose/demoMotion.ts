// The demo's motion, made in the page: eight made-up people who walk, run, jump, wave and squat.
import { actions } from '../../figure/actions';
import { makeBody, recordMotion } from '../../figure/motion';
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
  return people.flatMap((_, person) => recordingsOf(person, frameRate));
}

/** Those of one person, by number: one of each action. */
export function recordingsOf(person: number, frameRate: number): DemoRecording[] {
  const subject = people[person]!;
  const random = seededRandom(7919 * (person + 1));
  const body = makeBody(random);
  const split = heldOut.has(subject) ? 'val' : 'train';
  return Object.entries(actions).map(([action, move]) => ({
    name: `${subject} ${action}`,
    subject,
    action,
    split,
    world: recordMotion(body, move(random), frameRate, split === 'train' ? trainingSeconds : validationSeconds),
  }));
}
