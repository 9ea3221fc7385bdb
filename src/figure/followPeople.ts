// Follows people whose key points come frame by frame without saying who is who: the nearest pose goes on, over short gaps.
import { JOINTS } from './skeleton';

export interface SeenPerson {
  readonly frame: number;
  /** Who it is where that is known. */
  readonly id: string | null;
  /** [17, 3]: x, y and a confidence. */
  readonly points: Float32Array;
}

export interface FollowedPoses {
  /** Ascending, each once. */
  readonly frames: readonly number[];
  /** [17, 3] each. */
  readonly poses: readonly Float32Array[];
}

/** Mean distance of the joints from one frame to the next, in heights of the body: farther away it is somebody else. */
const farthest = 0.25;

/**
 * In the order in which they appear.
 * @param seen in any order; of two with one id in a frame the first counts.
 * @param gapFrames longest stretch without a person that is bridged; known ids bridge any.
 * @param least confidence of a joint that counts.
 */
export function followPeople(seen: readonly SeenPerson[], gapFrames: number, least: number): FollowedPoses[] {
  const all: { id: string | null; frames: number[]; poses: Float32Array[] }[] = [];
  const begin = ({ id, frame, points }: SeenPerson) => all.push({ id, frames: [frame], poses: [points] });
  const ordered = [...seen].sort((a, b) => a.frame - b.frame);
  for (let from = 0; from < ordered.length;) {
    const { frame } = ordered[from]!;
    let until = from;
    while (ordered[until]?.frame === frame) until++;
    const here = ordered.slice(from, until);
    const taken = new Set<unknown>();
    const goOn = (one: (typeof all)[number], person: SeenPerson): void => {
      taken.add(one).add(person);
      one.frames.push(frame);
      one.poses.push(person.points);
    };
    for (const person of here.filter(({ id }) => id !== null)) {
      const one = all.find(({ id }) => id === person.id);
      taken.add(person);
      if (!one) begin(person);
      else if (one.frames.at(-1) !== frame) goOn(one, person);
    }
    const alive = all.filter(({ id, frames }) => id === null && frame - frames.at(-1)! <= gapFrames);
    const pairs = alive.flatMap((one) =>
      here.map((person) => ({ one, person, apart: distance(one.poses.at(-1)!, person.points, least) })),
    );
    for (const { one, person, apart } of pairs.sort((a, b) => a.apart - b.apart))
      if (apart <= farthest && !taken.has(one) && !taken.has(person)) goOn(one, person);
    for (const person of here) if (!taken.has(person)) begin(person);
    from = until;
  }
  return all;
}

/** Mean over the joints that both have, in heights of the first; Infinity where there is none. */
function distance(a: Float32Array, b: Float32Array, least: number): number {
  let [sum, count, top, bottom] = [0, 0, Infinity, -Infinity];
  for (let at = 0; at < JOINTS * 3; at += 3) {
    if (a[at + 2]! < least) continue;
    top = Math.min(top, a[at + 1]!);
    bottom = Math.max(bottom, a[at + 1]!);
    if (b[at + 2]! < least) continue;
    sum += Math.hypot(a[at]! - b[at]!, a[at + 1]! - b[at + 1]!);
    count++;
  }
  return count === 0 ? Infinity : sum / count / Math.max(1e-6, bottom - top);
}
