// Batches on their way to the GPU: frames fill buffers that are used again and again, arrays wait as they are.
import type { Location } from '../../engine/device/bind';
import type { Buffers } from '../../engine/device/buffers';
import { FramePass } from '../../engine/frames/framePass';
import { invariant } from '../../errors';
import { narrowHalf } from '../../formats/halfFloat';
import type { FrameInput, FrameTarget } from '../../frames/frameInput';
import type { Batch, StagedBatch } from '../runtime';

export type InputArray = Float32Array | Uint32Array | Int32Array;

/** How one batch's part of a program's input lies in memory. */
export interface InputPlace {
  /** Of one piece; of the whole where it does not come in pieces. */
  readonly bytes: number;
  readonly half: boolean;
  /** More than one for a stream, of which one piece lies in the program's memory at a time. */
  readonly pieces: number;
  /** Where the program reads it, for frames that go there at once: no other batch may be staged before this one has run. */
  readonly at?: Location;
}

/** Bytes of the buffers in which the pieces of an input wait. */
export function stagedBytes({ bytes, pieces }: Pick<InputPlace, 'bytes' | 'pieces'>): number {
  return pieces * Math.max(16, Math.ceil(bytes / 4) * 4);
}

/** An input on the GPU, in as few buffers as the device allows, each with whole pieces. */
export interface StagedInput {
  readonly buffers: readonly GPUBuffer[];
  readonly piecesPerBuffer: number;
  readonly pieceBytes: number;
}

/** Where a piece of an input waits. */
export function stagedPiece({ buffers, piecesPerBuffer, pieceBytes }: StagedInput, piece: number): Location {
  const buffer = buffers[Math.floor(piece / piecesPerBuffer)];
  invariant(buffer, `no piece ${piece} is staged`);
  return { buffer, offset: (piece % piecesPerBuffer) * pieceBytes, bytes: pieceBytes };
}

/** A batch that a trainer can take: what is still to be written, and what only needs to be copied. */
export class StagedInputs implements StagedBatch {
  /** What came as arrays; of these, host stages see all, and `staged` are on the GPU already. */
  readonly arrays: ReadonlyMap<string, InputArray>;
  readonly staged: ReadonlyMap<string, StagedInput>;
  readonly #giveBack: (inputs: Iterable<StagedInput>) => void;
  #released = false;

  constructor(
    arrays: ReadonlyMap<string, InputArray>,
    staged: ReadonlyMap<string, StagedInput>,
    giveBack: (inputs: Iterable<StagedInput>) => void,
  ) {
    this.arrays = arrays;
    this.staged = staged;
    this.#giveBack = giveBack;
  }

  get released(): boolean {
    return this.#released;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#giveBack(this.staged.values());
  }
}

function bytesEach({ half }: InputPlace): number {
  return half ? 2 : 4;
}

export class InputStaging {
  readonly #buffers: Buffers;
  readonly #placeOf: (name: string) => InputPlace | null;
  readonly #free = new Map<number, GPUBuffer[]>();
  readonly #writing = new Set<Promise<unknown>>();
  #pass: FramePass | null = null;
  /** Kept once the batch before is released. */
  #former: Promise<void> = Promise.resolve();

  /** `placeOf` tells of an input by its name, null where no program reads it. */
  constructor(buffers: Buffers, placeOf: (name: string) => InputPlace | null) {
    this.#buffers = buffers;
    this.#placeOf = placeOf;
  }

  /**
   * Waits until all frames of the batch are submitted to the GPU, and before, where they go to where the program reads
   * them, until the former batch is released. Throws what a frame input throws.
   */
  async stage(batch: Batch): Promise<StagedInputs> {
    const arrays = new Map<string, InputArray>();
    const staged = new Map<string, StagedInput>();
    const writes: (() => Promise<void>)[] = [];
    let inPlace = false;
    for (const [name, input] of Object.entries(batch)) {
      const place = this.#placeOf(name);
      const isArray = ArrayBuffer.isView(input);
      if (isArray) arrays.set(name, input);
      if (!place || (isArray && place.pieces === 1)) continue;
      if (place.at && !isArray) {
        inPlace = true;
        writes.push(() => this.#writeAt(input, place.at!, place));
        continue;
      }
      const taken = this.#take(place);
      staged.set(name, taken);
      writes.push(() => (isArray ? this.#upload(name, input, taken, place) : this.#write(input, taken, place)));
    }
    const [former, end] = inPlace ? this.#turn() : [null, () => undefined];
    const giveBack = (inputs: Iterable<StagedInput>): void => {
      for (const { buffers } of inputs) for (const buffer of buffers) this.#free.get(buffer.size)!.push(buffer);
      end();
    };
    // Buffers are given back when nothing writes to them any more, whatever became of the others.
    const write = (): Promise<PromiseSettledResult<void>[]> => Promise.allSettled(writes.map((one) => one()));
    const writing = former ? former.then(write) : write();
    this.#writing.add(writing);
    const results = await writing;
    this.#writing.delete(writing);
    const failed = results.find((one) => one.status === 'rejected');
    if (!failed) return new StagedInputs(arrays, staged, giveBack);
    giveBack(staged.values());
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

  /** What the next batch waits for, and what ends its wait for this one. */
  #turn(): [former: Promise<void>, end: () => void] {
    const former = this.#former;
    let end = (): void => undefined;
    this.#former = new Promise((resolve) => (end = resolve));
    return [former, end];
  }

  #write(input: FrameInput, { buffers, piecesPerBuffer }: StagedInput, place: InputPlace): Promise<void> {
    const elements = (piecesPerBuffer * place.bytes) / bytesEach(place);
    return this.#writeTo(input, { buffers, firstElement: 0, elements }, place);
  }

  #writeAt(input: FrameInput, { buffer, offset, bytes }: Location, place: InputPlace): Promise<void> {
    const each = bytesEach(place);
    return this.#writeTo(input, { buffers: [buffer], firstElement: offset / each, elements: bytes / each }, place);
  }

  async #writeTo(
    input: FrameInput,
    to: Pick<FrameTarget, 'buffers' | 'firstElement' | 'elements'>,
    { half }: InputPlace,
  ): Promise<void> {
    const { device } = this.#buffers;
    this.#pass ??= new FramePass(device);
    await input.writeFrames({ device, pass: this.#pass, ...to, format: half ? 'f16' : 'f32' });
  }

  /** Brings an array whose program takes it piece by piece. */
  #upload(name: string, values: InputArray, staged: StagedInput, { half, pieces, bytes }: InputPlace): Promise<void> {
    const elements = bytes / (half ? 2 : 4);
    invariant(values.length === elements * pieces, `${values.length} values of ${name} for ${pieces} x ${elements}`);
    const stored = half && values instanceof Float32Array ? narrowHalf(values) : values;
    for (let piece = 0; piece < pieces; piece++) {
      const { buffer, offset } = stagedPiece(staged, piece);
      const part = stored.subarray(piece * elements, (piece + 1) * elements);
      this.#buffers.device.queue.writeBuffer(buffer, offset, part as Uint32Array<ArrayBuffer>);
    }
    return Promise.resolve();
  }

  #take({ bytes, pieces }: InputPlace): StagedInput {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#buffers.device.limits;
    const pieceBytes = stagedBytes({ bytes, pieces: 1 });
    const most = Math.max(1, Math.floor(Math.min(maxBufferSize, maxStorageBufferBindingSize) / pieceBytes));
    const piecesPerBuffer = Math.ceil(pieces / Math.ceil(pieces / most));
    const buffers: GPUBuffer[] = [];
    for (let first = 0; first < pieces; first += piecesPerBuffer)
      buffers.push(this.#buffer(pieceBytes * Math.min(piecesPerBuffer, pieces - first)));
    return { buffers, piecesPerBuffer, pieceBytes };
  }

  #buffer(bytes: number): GPUBuffer {
    const free = this.#free.get(bytes) ?? [];
    this.#free.set(bytes, free);
    const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
    const buffer = free.pop() ?? this.#buffers.create('staged frames', bytes, STORAGE | COPY_SRC | COPY_DST);
    invariant(buffer.size === bytes, 'a staged buffer has the size that was asked for');
    return buffer;
  }
}
