// Which videos the demo has: made-up people, each filmed more than once, and manipulated twins of every video.
import { makeLook, type Look } from '../../figure/faceLook';
import { makeManipulation, type Manipulation } from './demoPatch';

export type DemoKind = 'real' | 'swap' | 'blend';

export interface DemoVideo {
  readonly name: string;
  readonly kind: DemoKind;
  readonly person: string;
  readonly split: 'train' | 'val';
  readonly look: Look;
  /** Of the movement and the camera's noise; twins share it. */
  readonly seed: number;
  readonly manipulation: Manipulation | null;
  readonly side: number;
  readonly frames: number;
  readonly framesPerSecond: number;
}

export interface DemoOptions {
  readonly seed: number;
  /** Nobody is in both. */
  readonly people: { readonly train: number; readonly val: number };
  /** Real ones of each person; each gets a twin of either kind. */
  readonly videosEach: number;
  /** Width and height of the pictures. */
  readonly side: number;
  readonly seconds: number;
  readonly framesPerSecond: number;
}

export const demoDefaults: DemoOptions = {
  seed: 1,
  people: { train: 9, val: 5 },
  videosEach: 2,
  side: 96,
  seconds: 2.5,
  framesPerSecond: 12,
};

/** All videos of the demo, person by person; `drawDemoFrame` draws them. Donors are of the same split. */
export function demoVideos(options: Partial<DemoOptions> = {}): DemoVideo[] {
  const { seed, people, videosEach, side, seconds, framesPerSecond } = { ...demoDefaults, ...options };
  const count = people.train + people.val;
  const looks = Array.from({ length: count }, (_, person) => makeLook(7919 * (person + 1) + seed));
  const frames = Math.round(seconds * framesPerSecond);
  return looks.flatMap((look, i) => {
    const split = i < people.train ? 'train' : 'val';
    const [first, among] = split === 'train' ? [0, people.train] : [people.train, people.val];
    const person = `person${String(i + 1).padStart(2, '0')}`;
    return Array.from({ length: videosEach }, (_, take) => {
      const own = 104_729 * (i * videosEach + take + 1) + seed;
      const donor = looks[first + ((i - first + 1 + take) % among)]!;
      const shared = { person, split, look, seed: own, side, frames, framesPerSecond } as const;
      const named = (kind: DemoKind, manipulation: Manipulation | null): DemoVideo => ({
        ...shared,
        kind,
        name: `${person}_${take + 1}_${kind}`,
        manipulation,
      });
      return [
        named('real', null),
        named('swap', makeManipulation(own + 1, donor)),
        named('blend', makeManipulation(own + 2, look)),
      ];
    }).flat();
  });
}
