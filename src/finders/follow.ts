// Follows what was found from picture to picture: the nearest by overlap to where each was going, over short gaps.
import { overlapOf, type Box, type Found } from './found';

/** What was found at one time. */
export interface FoundAt<Item extends Found = Found> {
  /** Number of the frame in the video's times. */
  readonly frame: number;
  readonly seconds: number;
  readonly found: readonly Item[];
}

export interface Followed<Item extends Found = Found> {
  readonly frames: readonly number[];
  readonly items: readonly Item[];
}

export interface FollowRules {
  /** A new one begins with a score of at least this … */
  readonly begin: number;
  /** … and goes on with at least this. */
  readonly goOn: number;
  /** Longest time without it that is bridged. */
  readonly gapSeconds: number;
  /** One that was seen less often is dropped. */
  readonly leastTimes: number;
  /** Least overlap with where it was going. */
  readonly overlap: number;
}

interface Open<Item extends Found> {
  readonly frames: number[];
  readonly items: Item[];
  seconds: number;
  /** Of the middle, pixels a second. */
  velocity: { readonly x: number; readonly y: number };
}

/** Share of a new velocity in the running one. */
const newness = 0.5;

/** In the order in which they appear. */
export function follow<Item extends Found>(times: Iterable<FoundAt<Item>>, rules: FollowRules): Followed<Item>[] {
  const all: Open<Item>[] = [];
  let alive: Open<Item>[] = [];
  for (const { frame, seconds, found } of times) {
    alive = alive.filter((one) => seconds - one.seconds <= rules.gapSeconds);
    const pairs = alive.flatMap((one) => {
      const wanted = expected(one, seconds);
      return found.map((item) => ({ one, item, match: overlapOf(wanted, item.box) }));
    });
    const taken = new Set<unknown>();
    for (const { one, item, match } of pairs.sort((a, b) => b.match - a.match)) {
      if (match < rules.overlap || item.score < rules.goOn || taken.has(one) || taken.has(item)) continue;
      taken.add(one).add(item);
      goOn(one, frame, seconds, item);
    }
    for (const item of found) {
      if (taken.has(item) || item.score < rules.begin) continue;
      const one: Open<Item> = { frames: [frame], items: [item], seconds, velocity: { x: 0, y: 0 } };
      all.push(one);
      alive.push(one);
    }
  }
  return all.filter(({ frames }) => frames.length >= rules.leastTimes);
}

function expected<Item extends Found>({ items, seconds, velocity }: Open<Item>, now: number): Box {
  const { x, y, width, height } = items.at(-1)!.box;
  return { x: x + velocity.x * (now - seconds), y: y + velocity.y * (now - seconds), width, height };
}

function goOn<Item extends Found>(one: Open<Item>, frame: number, seconds: number, item: Item): void {
  const [from, to] = [middleOf(one.items.at(-1)!.box), middleOf(item.box)];
  const passed = Math.max(1e-6, seconds - one.seconds);
  const mix = (old: number, now: number): number => old * (1 - newness) + now * newness;
  one.velocity = { x: mix(one.velocity.x, (to.x - from.x) / passed), y: mix(one.velocity.y, (to.y - from.y) / passed) };
  one.frames.push(frame);
  one.items.push(item);
  one.seconds = seconds;
}

function middleOf({ x, y, width, height }: Box): { readonly x: number; readonly y: number } {
  return { x: x + width / 2, y: y + height / 2 };
}
