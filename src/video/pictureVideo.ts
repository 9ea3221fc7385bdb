// A video that comes as pictures in order, read like one that is decoded: a picture at a time, from files on disk.
import { UserError } from '../errors';
import type { DecodedFrame, DecodeOptions } from './decodeFrames';
import type { PooledVideo } from './decodePool';
import { openImage } from './images';
import type { VideoFacts } from './videoFile';

export interface PictureList {
  /** What sentences call the video. */
  readonly path: string;
  /** In the order in which they are shown; at least one. */
  readonly pictures: readonly { readonly path: string; readonly blob: Blob }[];
  readonly framesPerSecond: number;
}

type OnProblem = DecodeOptions['onProblem'];

export class PictureVideo implements PooledVideo {
  readonly facts: VideoFacts;
  readonly #pictures: PicturesInOrder;

  private constructor(pictures: PicturesInOrder, facts: VideoFacts) {
    this.#pictures = pictures;
    this.facts = facts;
  }

  /**
   * Reads the first picture for its size: the others are stretched to it. `onProblem` hears of pictures that cannot be
   * read, by path.
   * @throws UserError about the first picture where not one can be read; the signal's reason.
   */
  static async open(list: PictureList, signal?: AbortSignal, onProblem?: OnProblem): Promise<PictureVideo> {
    const { path, framesPerSecond } = list;
    const pictures = new PicturesInOrder(list.pictures);
    const bad: UserError[] = [];
    const frame = await pictures.open(0, signal, (problem) => bad.push(problem));
    const { displayWidth: width, displayHeight: height } = frame;
    frame.close();
    // Where not one can be read the error says so; a list of all of them helps nobody.
    for (const problem of bad) onProblem?.(problem);
    return new PictureVideo(pictures, {
      ...{ path, container: 'pictures', codec: '', track: 1, tracks: 1, notices: [] },
      ...{ width, height, codedWidth: width, codedHeight: height, pixelAspect: 1 },
      orientation: { rotation: 0, mirrored: false },
      colour: { matrix: 'bt601', fullRange: true },
      times: Float64Array.from(list.pictures, (_, i) => i / framesPerSecond),
      durationSeconds: list.pictures.length / framesPerSecond,
    });
  }

  /** As decodeFrames. For a picture that cannot be read the one before it comes, or else the one after. */
  async *frames({ wanted, signal, onProblem }: DecodeOptions = {}): AsyncGenerator<DecodedFrame, void> {
    const { times } = this.facts;
    for (const index of wanted ?? times.keys())
      yield { index, seconds: times[index]!, frame: await this.#pictures.open(index, signal, onProblem) };
  }

  /** Nothing is held between two frames. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Remembers which pictures cannot be read. */
class PicturesInOrder {
  readonly #list: PictureList['pictures'];
  readonly #bad = new Map<number, UserError>();

  constructor(list: PictureList['pictures']) {
    this.#list = list;
  }

  /** The picture with this number, or the nearest that can be read. The caller closes the frame. */
  async open(wanted: number, signal?: AbortSignal, onProblem?: OnProblem): Promise<VideoFrame> {
    for (const number of nearestFirst(wanted, this.#list.length)) {
      if (this.#bad.has(number)) continue;
      signal?.throwIfAborted();
      const { path, blob } = this.#list[number]!;
      try {
        return await openImage(blob, path, signal);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        this.#bad.set(number, error);
        onProblem?.(replaced(path, error));
      }
    }
    throw this.#bad.get(0)!;
  }
}

function replaced(path: string, cause: UserError): UserError {
  const message = `This picture cannot be read, so the one before or after it is used in its place; copy it again (${path})`;
  return new UserError('picture-replaced', message, { path }, { cause });
}

/** The number itself, those before it from the last one on, those after it. */
function* nearestFirst(number: number, count: number): Generator<number> {
  for (let i = number; i >= 0; i--) yield i;
  for (let i = number + 1; i < count; i++) yield i;
}
