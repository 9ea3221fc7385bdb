// Batches on their way to the GPU: frames fill buffers that are used again and again, arrays wait as they are.
import type { Buffers } from '../../engine/device/buffers';
import { FramePass } from '../../engine/frames/framePass';
import { invariant } from '../../errors';
import type { Batch, StagedBatch } from '../runtime';
import type { FrameInput } from '../../frames/frameInput';

export type InputArray = Float32Array | Uint32Array | Int32Array;

/** How an input of a program lies in memory. */
export interface InputPlace {
  readonly bytes: number;
  readonly half: boolean;
}

/** Bytes of the buffer in which an input's frames wait. */
export function stagedBytes(bytes: number): number {
  return Math.max(16, Math.ceil(bytes / 4) * 4);
}

/** A batch that a trainer can take: what is still to be written, and what only needs to be copied. */
export class StagedInputs implements StagedBatch {
  readonly arrays: ReadonlyMap<string, InputArray>;
  readonly frames: ReadonlyMap<string, GPUBuffer>;
  readonly #giveBack: (buffers: Iterable<GPUBuffer>) => void;
  #released = false;

  constructor(
    arrays: ReadonlyMap<string, InputArray>,
    frames: ReadonlyMap<string, GPUBuffer>,
    giveBack: (buffers: Iterable<GPUBuffer>) => void,
  ) {
    this.arrays = arrays;
    this.frames = frames;
    this.#giveBack = giveBack;
  }

  get released(): boolean {
    return this.#released;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#giveBack(this.frames.values());
  }
}

export class InputStaging {
  readonly #buffers: Buffers;
  readonly #placeOf: (name: string) => InputPlace | null;
  readonly #free = new Map<number, GPUBuffer[]>();
  readonly #writing = new Set<Promise<unknown>>();
  #pass: FramePass | null = null;

  /** `placeOf` tells of an input by its name, null where no program reads it. */
  constructor(buffers: Buffers, placeOf: (name: string) => InputPlace | null) {
    this.#buffers = buffers;
    this.#placeOf = placeOf;
  }

  /** Waits until all frames of the batch are submitted to the GPU. Throws what a frame input throws. */
  async stage(batch: Batch): Promise<StagedInputs> {
    const arrays = new Map<string, InputArray>();
    const inputs: [name: string, input: FrameInput, place: InputPlace][] = [];
    for (const [name, input] of Object.entries(batch)) {
      const place = this.#placeOf(name);
      if (ArrayBuffer.isView(input)) arrays.set(name, input);
      else if (place) inputs.push([name, input, place]);
    }
    const frames = new Map(inputs.map(([name, , { bytes }]) => [name, this.#take(stagedBytes(bytes))]));
    const giveBack = (buffers: Iterable<GPUBuffer>): void => {
      for (const buffer of buffers) this.#free.get(buffer.size)!.push(buffer);
    };
    // Buffers are given back when nothing writes to them any more, whatever became of the others.
    const writing = Promise.allSettled(
      inputs.map(([name, input, { half }]) => this.#write(input, frames.get(name)!, half)),
    );
    this.#writing.add(writing);
    const results = await writing;
    this.#writing.delete(writing);
    const failed = results.find((one) => one.status === 'rejected');
    if (!failed) return new StagedInputs(arrays, frames, giveBack);
    giveBack(frames.values());
    throw failed.reason;
  }

  /** Lets go of the frame pass, then `end`s; at once where nothing is under way, else when the last frames are in. */
  dispose(end: () => void): void {
    const finish = (): void => {
      this.#pass?.dispose();
      this.#pass = null;
      end();
    };
    if (this.#writing.size === 0) finish();
    else void Promise.all(this.#writing).then(finish);
  }

  async #write(input: FrameInput, buffer: GPUBuffer, half: boolean): Promise<void> {
    const { device } = this.#buffers;
    this.#pass ??= new FramePass(device);
    await input.writeFrames({ device, pass: this.#pass, buffer, format: half ? 'f16' : 'f32' });
  }

  #take(bytes: number): GPUBuffer {
    const free = this.#free.get(bytes) ?? [];
    this.#free.set(bytes, free);
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const buffer = free.pop() ?? this.#buffers.create('staged frames', bytes, STORAGE | COPY_SRC | COPY_DST);
    invariant(buffer.size === bytes, 'a staged buffer has the size that was asked for');
    return buffer;
  }
}
