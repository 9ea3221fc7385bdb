// Finds people's key points in a video and follows them: each person is looked for around where the last picture had
// them, as MoveNet is meant to be used; new people are looked for twice a second, in the whole picture and in squares.
import { joinedFloats } from '../formats/joined';
import type { DecodedFrame } from '../video/decodeFrames';
import type { VideoFacts } from '../video/videoFile';
import { pictureSquares, spaced } from './pictures';
import { overlapOf, type Box } from './found';
import { allPoses, middlePose, moveNetSide, type FoundPose, type MoveNetMaps } from './moveNet';
import { openMoveNet } from './networks';
import type { OnnxSession } from './onnxSession';
import { PictureInput, squareAround, type Square } from './pictureInput';
import { boxOfPoints, meanScore, poseDistance } from './poseBox';

/** A point counts as seen from this score on. */
export const seenScore = 0.2;
/** So many points make a person, and so much their scores' mean. */
const leastPoints = 8;
const begins = 0.3;
const goesOn = 0.2;
/** Least score of a person's middle in a first look. */
const middleScore = 0.15;
/** Sides of the square that a person is looked for in, in sides of the box around their points. */
const roomAround = 1.4;
const newcomersSeconds = 0.5;
const gapSeconds = 1;
const leastPictures = 5;
/** Boxes that overlap by more are of the same person. */
const samePerson = 0.5;
/** Farther from one picture to the next, in sides of the square, nobody moves: it is somebody else. */
const farthest = 0.12;
/** People that are followed at the same time. */
const mostPeople = 8;
const fastestRate = 31;

/** One person along a video; COCO's 17 points in pixels of the upright picture. */
export interface FollowedPerson {
  /** Numbers of the frames in which the person was seen, ascending. */
  readonly frames: readonly number[];
  /** x, y and a score of 0..1, [F, 17, 3]. */
  readonly points: Float32Array;
}

interface Person {
  readonly frames: number[];
  readonly poses: Float32Array[];
  box: Box;
  seconds: number;
}

export class PersonFinder implements AsyncDisposable {
  readonly #session: OnnxSession;

  private constructor(session: OnnxSession) {
    this.#session = session;
  }

  /** Loads runtime and network. Throws UserError `finder-missing`. */
  static async open(): Promise<PersonFinder> {
    return new PersonFinder(await openMoveNet());
  }

  /**
   * The largest person first, by the mean area of their boxes times the pictures that show them. Closes the frames.
   * @param frames those that `personPictures` names.
   * @param heard the number of each frame that was looked at.
   */
  async find(
    facts: VideoFacts,
    frames: AsyncIterable<DecodedFrame>,
    heard: (frame: number) => void = () => undefined,
  ): Promise<FollowedPerson[]> {
    const input = new PictureInput(facts, moveNetSide);
    const people: Person[] = [];
    let lookedAt = -Infinity;
    for await (const { index, seconds, frame } of frames) {
      try {
        let alive = people.filter((one) => seconds - one.seconds <= gapSeconds);
        for (const person of alive) await this.#goOn(person, input, frame, index, seconds);
        dropDoubles(people, alive, index);
        alive = alive.filter((one) => people.includes(one));
        const isAlone = alive.every((one) => one.seconds < seconds);
        if (alive.length < mostPeople && (isAlone || seconds - lookedAt >= newcomersSeconds)) {
          lookedAt = seconds;
          people.push(...(await this.#newcomers(alive, facts, input, frame, index, seconds)));
        }
      } finally {
        frame.close();
      }
      heard(index);
    }
    const kept = people.filter((one) => one.frames.length >= leastPictures);
    const largest = new Map(kept.map((one) => [one, shownArea(one)]));
    return kept
      .sort((a, b) => largest.get(b)! - largest.get(a)!)
      .map(({ frames: numbers, poses }) => ({ frames: numbers, points: joinedFloats(poses) }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }

  async #goOn(person: Person, input: PictureInput, frame: VideoFrame, index: number, seconds: number): Promise<void> {
    const square = squareAround(person.box, roomAround);
    const maps = await this.#look(input, frame, square);
    const before = person.poses.at(-1)!;
    const apart = (points: Float32Array): number => poseDistance(points, before, seenScore) / square.side;
    // Of people that stand close, the one whose joints are where this one's were.
    const [points] = [middlePose(maps), ...allPoses(maps, middleScore)]
      .map((pose) => inPicture(square, pose))
      .sort((one, other) => apart(one) - apart(other));
    if (!points || apart(points) > farthest) return;
    const box = boxOfPoints(points, seenScore, leastPoints);
    if (!box || meanScore(points) < goesOn) return;
    person.frames.push(index);
    person.poses.push(points);
    person.box = box;
    person.seconds = seconds;
  }

  async #newcomers(
    known: readonly Person[],
    facts: VideoFacts,
    input: PictureInput,
    frame: VideoFrame,
    index: number,
    seconds: number,
  ): Promise<Person[]> {
    const found: Person[] = [];
    for (const square of pictureSquares(facts)) {
      const maps = await this.#look(input, frame, square);
      for (const pose of allPoses(maps, middleScore)) {
        const rough = boxOfPoints(inPicture(square, pose), seenScore / 2, leastPoints / 2);
        if (!rough || [...known, ...found].some((one) => overlapOf(one.box, rough) > samePerson)) continue;
        const near = squareAround(rough, roomAround);
        const points = inPicture(near, middlePose(await this.#look(input, frame, near)));
        const box = boxOfPoints(points, seenScore, leastPoints);
        if (!box || meanScore(points) < begins) continue;
        if ([...known, ...found].some((one) => overlapOf(one.box, box) > samePerson)) continue;
        found.push({ frames: [index], poses: [points], box, seconds });
        if (known.length + found.length >= mostPeople) return found;
      }
    }
    return found;
  }

  async #look(input: PictureInput, frame: VideoFrame, square: Square): Promise<MoveNetMaps> {
    const values = input.read(frame, square, 2 / 255, -1);
    const shape = [1, moveNetSide, moveNetSide, 3];
    const { output0, output1, output2, output3 } = await this.#session.run({ picture: { shape, values } });
    return {
      middles: output0!.values,
      joints: output1!.values,
      regress: output2!.values,
      offsets: output3!.values,
    };
  }
}

/** Numbers of the frames to look at: all of them, of fast videos at most about thirty a second. */
export function personPictures({ times }: Pick<VideoFacts, 'times'>): number[] {
  return spaced(times, 1 / fastestRate);
}

/** Two that came to lie on the same person: the one that was followed for longer stays. */
function dropDoubles(people: Person[], alive: readonly Person[], frame: number): void {
  const here = alive.filter((one) => one.frames.at(-1) === frame).sort((a, b) => b.frames.length - a.frames.length);
  here.forEach((one, i) => {
    if (!here.slice(0, i).some((other) => overlapOf(other.box, one.box) > samePerson)) return;
    one.frames.pop();
    one.poses.pop();
    one.seconds = -Infinity;
    if (one.frames.length === 0) people.splice(people.indexOf(one), 1);
  });
}

function inPicture({ x, y, side }: Square, { points }: FoundPose): Float32Array {
  return points.map((value, i) => (i % 3 === 0 ? x + value * side : i % 3 === 1 ? y + value * side : value));
}

function shownArea({ poses }: Person): number {
  return poses.reduce((sum, points) => {
    const box = boxOfPoints(points, seenScore, 1);
    return sum + (box ? box.width * box.height : 0);
  }, 0);
}
