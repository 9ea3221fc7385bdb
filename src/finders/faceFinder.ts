// Finds faces in a video and follows them: several pictures a second, each whole and in overlapping squares.
import type { DecodedFrame } from '../video/decodeFrames';
import type { VideoFacts } from '../video/videoFile';
import { blazeFaceSide, blended, readBlazeFace, sameFace } from './blazeFace';
import { follow, type FollowRules, type FoundAt } from './follow';
import { overlapOf, type Found } from './found';
import { openBlazeFace } from './networks';
import { fromSquare, PictureInput, squareAround, type Square } from './pictureInput';
import { pictureSquares, spaced } from './pictures';
import type { OnnxSession } from './onnxSession';

/** Least time between two pictures that are looked at; between them faces move little. */
const everySeconds = 0.1;

/** A place is looked at once more where a first look says at least this. */
const worthALook = 0.4;
/**
 * Sides of the square of the second look, in sides of the box. There the network is surest of faces that are faces:
 * it gave 0.74 to 0.94 to faces, and 0.50 to 0.76 to an animated rabbit's, which first looks cannot tell apart.
 */
const secondLook = 4;

const rules: FollowRules = { begin: 0.75, goOn: 0.5, gapSeconds: 0.7, leastTimes: 4, overlap: 0.15 };
/** Half of the looks at a face must say at least this. */
const usually = 0.75;

/** One face along a video; boxes from brow to chin, in pixels of the upright picture. */
export interface FollowedFace {
  /** Numbers of the frames in which it was found, ascending. */
  readonly frames: readonly number[];
  /** x, y, width and height, [F, 4]. */
  readonly boxes: Float32Array;
  /** In the middle of all frames' scores. */
  readonly score: number;
}

export class FaceFinder implements AsyncDisposable {
  readonly #session: OnnxSession;

  private constructor(session: OnnxSession) {
    this.#session = session;
  }

  /** Loads runtime and network. Throws UserError `finder-missing`. */
  static async open(): Promise<FaceFinder> {
    return new FaceFinder(await openBlazeFace());
  }

  /**
   * Faces in the order in which they appear; none where there is no face. Closes the frames.
   * @param frames those that `facePictures` names.
   * @param heard the number of each frame that was looked at.
   */
  async find(
    facts: VideoFacts,
    frames: AsyncIterable<DecodedFrame>,
    heard: (frame: number) => void = () => undefined,
  ): Promise<FollowedFace[]> {
    const input = new PictureInput(facts, blazeFaceSide);
    const squares = pictureSquares(facts);
    const times: FoundAt[] = [];
    for await (const { index, seconds, frame } of frames) {
      try {
        const first: Found[] = [];
        for (const square of squares) first.push(...(await this.#look(input, frame, square)));
        const second: Found[] = [];
        for (const { box } of blended(first, sameFace)) {
          const again = await this.#look(input, frame, squareAround(box, secondLook));
          second.push(...again.filter((one) => overlapOf(one.box, box) > sameFace).slice(0, 1));
        }
        times.push({ frame: index, seconds, found: blended(second, sameFace) });
      } finally {
        frame.close();
      }
      heard(index);
    }
    return follow(times, rules)
      .map(({ frames: numbers, items }) => ({
        frames: numbers,
        boxes: Float32Array.from(items.flatMap(({ box: { x, y, width, height } }) => [x, y, width, height])),
        score: middleOf(items.map(({ score }) => score)),
      }))
      .filter(({ score }) => score >= usually);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }

  async #look(input: PictureInput, frame: VideoFrame, square: Square): Promise<Found[]> {
    const values = input.read(frame, square, 2 / 255, -1);
    const shape = [1, blazeFaceSide, blazeFaceSide, 3];
    const { output0, output1, output2, output3 } = await this.#session.run({ picture: { shape, values } });
    const scores = [output0!.values, output1!.values];
    const boxes = [output2!.values, output3!.values];
    return readBlazeFace(scores, boxes, worthALook).map(({ box, score }) => ({ box: fromSquare(square, box), score }));
  }
}

function middleOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}

/** Numbers of the frames to look at: at most ten a second. */
export function facePictures({ times }: Pick<VideoFacts, 'times'>): number[] {
  return spaced(times, everySeconds);
}
