// A person's own 2-D model in place of ours: it looks at the people that ours found, each by itself, and its points count.
import { UserError } from '../errors';
import { parsePoseModelPlan, readPosePoints, recognisePoseModel, type PoseModelPlan } from '../figure/poseModel';
import type { DataFile } from '../formats/dataFile';
import type { DecodedFrame } from '../video/decodeFrames';
import type { VideoFacts } from '../video/videoFile';
import { drawUpright } from '../video/drawUpright';
import { openOnnx } from './networks';
import type { OnnxSession } from './onnxSession';
import type { FollowedPerson } from './personFinder';
import { boxOfPoints } from './poseBox';

/** Room around the box of a person's points, as top-down networks are trained with. */
const roomAround = 1.25;
/** ImageNet's means and deviations of red, green and blue, of 0..255. */
const means = [123.675, 116.28, 103.53] as const;
const deviations = [58.395, 57.12, 57.375] as const;

interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export class OwnPoseModel implements AsyncDisposable {
  readonly #session: OnnxSession;
  readonly #plan: PoseModelPlan;
  readonly #context: OffscreenCanvasRenderingContext2D;

  private constructor(session: OnnxSession, plan: PoseModelPlan) {
    this.#session = session;
    this.#plan = plan;
    const canvas = new OffscreenCanvas(plan.width, plan.height);
    this.#context = canvas.getContext('2d', { willReadFrequently: true })!;
  }

  /**
   * @param said the file that says what its inputs and outputs mean, where its shapes leave that open.
   * @throws UserError `onnx-unreadable`, `finder-missing`, and `pose-model-unknown` where nothing says what they mean.
   */
  static async open(model: DataFile, said: DataFile | null): Promise<OwnPoseModel> {
    const session = await openOnnx(new Uint8Array(await model.blob.arrayBuffer()), model.path);
    const plan = said ? parsePoseModelPlan(await said.blob.text()) : recognisePoseModel(session);
    if (plan) return new OwnPoseModel(session, plan);
    await session[Symbol.asyncDispose]();
    const message = `It is not clear what this model takes and gives: it should take a picture and give maps, axes or a list of at least 17 points. Say so below the model (${model.path})`;
    throw new UserError('pose-model-unknown', message, { path: model.path });
  }

  /** The same people with this model's points, in the frames that show them. Closes the frames. */
  async find(
    people: readonly FollowedPerson[],
    facts: VideoFacts,
    frames: AsyncIterable<DecodedFrame>,
    heard: (frame: number) => void,
  ): Promise<FollowedPerson[]> {
    const points = people.map((person) => person.points.slice());
    for await (const { index, frame } of frames) {
      try {
        for (const [i, person] of people.entries()) {
          const at = person.frames.indexOf(index);
          if (at < 0) continue;
          const box = boxOfPoints(person.points.subarray(at * 51, at * 51 + 51), 0, 1)!;
          points[i]!.set(await this.#look(frame, this.#around(box), facts), at * 51);
        }
      } finally {
        frame.close();
      }
      heard(index);
    }
    return people.map((person, i) => ({ frames: person.frames, points: points[i]! }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session[Symbol.asyncDispose]();
  }

  /** The smallest part of the network's shape that holds the box, with some room. */
  #around({ x, y, width, height }: Part): Part {
    const { width: across, height: down } = this.#plan;
    const scale = roomAround * Math.max(width / across, height / down, 1e-6);
    const [wide, high] = [across * scale, down * scale];
    return { x: x + (width - wide) / 2, y: y + (height - high) / 2, width: wide, height: high };
  }

  async #look(frame: VideoFrame, part: Part, facts: VideoFacts): Promise<Float32Array> {
    const { width, height, input, channelsFirst } = this.#plan;
    const context = this.#context;
    const [across, down] = [width / part.width, height / part.height];
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, width, height);
    context.imageSmoothingQuality = 'high';
    context.setTransform(across, 0, 0, down, -part.x * across, -part.y * down);
    drawUpright(context, frame, facts);
    const { data } = context.getImageData(0, 0, width, height);
    const shape = channelsFirst ? [1, 3, height, width] : [1, height, width, 3];
    const points = readPosePoints(
      this.#plan,
      await this.#session.run({ [input]: { shape, values: networkValues(data, this.#plan) } }),
    );
    return points.map((value, i) =>
      i % 3 === 0 ? part.x + value * part.width : i % 3 === 1 ? part.y + value * part.height : value,
    );
  }
}

/** Red, green and blue of a picture as the network takes them. */
export function networkValues(
  pixels: Uint8ClampedArray,
  { channelsFirst, values }: Pick<PoseModelPlan, 'channelsFirst' | 'values'>,
): Float32Array<ArrayBuffer> {
  const count = pixels.length / 4;
  const out = new Float32Array(count * 3);
  for (let pixel = 0; pixel < count; pixel++)
    for (let channel = 0; channel < 3; channel++) {
      const value = pixels[pixel * 4 + channel]!;
      out[channelsFirst ? channel * count + pixel : pixel * 3 + channel] =
        values === 'bytes'
          ? value
          : values === 'unit'
            ? value / 255
            : values === 'signed'
              ? value / 127.5 - 1
              : (value - means[channel]!) / deviations[channel]!;
    }
  return out;
}
