// How made-up heads move: slow swaying and turning, nods, blinks and talk, each from sines of its own.
import { seededRandom } from '../samples/seededRandom';
import type { Random } from '../samples/random';

/** Where the head is and what the face does. */
export interface Pose {
  /** The head's middle, in widths of the picture. */
  readonly x: number;
  readonly y: number;
  readonly scale: number;
  /** In radians. */
  readonly roll: number;
  /** How far features move over the head's middle, in half widths and half heights of the head. */
  readonly turn: number;
  readonly nod: number;
  /** 0 shut, 1 open. */
  readonly lids: number;
  readonly mouth: number;
  /** Where the eyes look, -1 to 1. */
  readonly gaze: number;
  /** How far the camera has drifted, in widths of the picture. */
  readonly drift: number;
}

/** The pose as a function of seconds. */
export function makeMovement(seed: number): (seconds: number) => Pose {
  const random = seededRandom(seed);
  const [x, y, scale, roll] = [wave(random, 0.5), wave(random, 0.6), wave(random, 0.3), wave(random, 0.5)];
  const [turn, nod, gaze, drift] = [wave(random, 0.45), wave(random, 0.8), wave(random, 0.4), wave(random, 0.3)];
  const [syllables, phrases] = [wave(random, 2.6), wave(random, 0.7)];
  const [between, first] = [1.4 + 1.6 * random(), 1.5 * random()];
  return (seconds) => {
    const sinceBlink = (seconds - first + 10 * between) % between;
    return {
      x: 0.5 + 0.035 * x(seconds),
      y: 0.49 + 0.02 * y(seconds),
      scale: 1 + 0.04 * scale(seconds),
      roll: 0.12 * roll(seconds),
      turn: 0.26 * turn(seconds),
      nod: 0.1 * nod(seconds),
      lids: Math.min(1, Math.abs(sinceBlink - 0.14) / 0.12),
      mouth: Math.max(0, syllables(seconds)) * Math.max(0, 0.35 + phrases(seconds)),
      gaze: gaze(seconds),
      drift: 0.03 * drift(seconds),
    };
  };
}

/** Two sines around `frequency` in Hz, between -1 and 1. */
function wave(random: Random, frequency: number): (seconds: number) => number {
  const part = (times: number): ((seconds: number) => number) => {
    const pace = 2 * Math.PI * frequency * times * (0.8 + 0.4 * random());
    const start = 2 * Math.PI * random();
    return (seconds) => Math.sin(pace * seconds + start);
  };
  const [slow, fast] = [part(1), part(1.9)];
  return (seconds) => 0.7 * slow(seconds) + 0.3 * fast(seconds);
}
