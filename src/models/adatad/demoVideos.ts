// Which videos the demo has: made-up people who act, each video before a background of its own, and what they do when.
import { actions, bow, type MakeAction } from '../../figure/actions';
import type { Action } from '../../metrics/tadMap';
import { seededRandom } from '../../samples/seededRandom';

export interface DemoVideo {
  readonly name: string;
  readonly split: 'train' | 'val';
  readonly person: string;
  /** Of the person's body, habits and clothes: equal in all their videos. */
  readonly personSeed: number;
  /** Of what happens, where, and how it is filmed. */
  readonly seed: number;
  /** In the order of time, in seconds, with standing before, between and after them. */
  readonly actions: readonly Action[];
  /** Width and height of the pictures. */
  readonly side: number;
  readonly frames: number;
  readonly framesPerSecond: number;
}

export interface DemoOptions {
  readonly seed: number;
  /** Nobody is in both, and no background is in two videos. */
  readonly people: { readonly train: number; readonly val: number };
  readonly videosEach: { readonly train: number; readonly val: number };
  readonly side: number;
  readonly frames: number;
  readonly framesPerSecond: number;
}

export const demoDefaults: DemoOptions = {
  seed: 1,
  people: { train: 40, val: 10 },
  videosEach: { train: 1, val: 1 },
  side: 64,
  frames: 128,
  framesPerSecond: 8,
};

const { walk, jump, wave, squat } = actions;

/** By class. All of them show from the front in a few small pictures, which running beside walking does not. */
export const demoActions: Readonly<Record<string, MakeAction>> = { walk, jump, wave, squat, bow };

export const demoClasses: readonly string[] = Object.keys(demoActions);

/** Seconds that an action takes, and those of standing between two; the last stretch is what is left. */
const ACTION_SECONDS = [1.6, 3.2] as const;
const BETWEEN_SECONDS = [0.7, 1.4] as const;

/** All videos of the demo, person by person. Every class comes equally often in a split, but for one. */
export function demoVideos(options: Partial<DemoOptions> = {}): DemoVideo[] {
  const { seed, people, videosEach, side, frames, framesPerSecond } = { ...demoDefaults, ...options };
  return (['train', 'val'] as const).flatMap((split, half) => {
    const deal = dealer(104_729 * (half + 1) + seed);
    return Array.from({ length: people[split] }, (_, i) => {
      const number = (split === 'train' ? 0 : people.train) + i;
      const person = `person${String(number + 1).padStart(2, '0')}`;
      return Array.from({ length: videosEach[split] }, (_, take): DemoVideo => {
        const own = 7919 * (number * 16 + take + 1) + seed;
        return {
          name: `${person}_${take + 1}`,
          ...{ split, person, personSeed: 15_485_863 * (number + 1) + seed, seed: own },
          actions: schedule(own, frames / framesPerSecond, deal),
          ...{ side, frames, framesPerSecond },
        };
      });
    }).flat();
  });
}

/** Gives one class after the other, all of them before any comes again. */
function dealer(seed: number): () => string {
  const random = seededRandom(seed);
  let deck: string[] = [];
  return () => {
    if (deck.length === 0)
      deck = demoClasses
        .map((label) => ({ label, place: random() }))
        .sort((a, b) => a.place - b.place)
        .map(({ label }) => label);
    return deck.pop()!;
  };
}

/** Actions one after the other while there is room; times lie on tenths of a second. */
function schedule(seed: number, seconds: number, deal: () => string): Action[] {
  const random = seededRandom(seed);
  const between = ([least, most]: readonly [number, number]): number => least + (most - least) * random();
  const tenth = (value: number): number => Math.round(10 * value) / 10;
  const found: Action[] = [];
  for (let end = 0; ;) {
    const start = end + between(BETWEEN_SECONDS);
    end = start + between(ACTION_SECONDS);
    if (end > seconds - BETWEEN_SECONDS[0] / 2) return found;
    found.push({ segment: [tenth(start), tenth(end)], label: deal() });
  }
}
