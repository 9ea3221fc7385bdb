// All weights of a model in one flat array: the optimiser then treats them in one pass.
import { invariant, UserError } from '../../errors';
import { ALIGNMENT, refuseTooLarge } from '../passes/memory';
import type { Graph, Initializer, ParameterAttributes } from '../graph/graph';
import { shapeText, sizeOf, type Shape } from '../graph/tensor';
import type { Location } from './bind';
import type { Buffers } from './buffers';
import { cutIntoPages, PagedBuffer, type Page } from './pagedBuffer';

export interface ParameterPlace {
  readonly name: string;
  readonly shape: Shape;
  readonly offset: number;
  readonly bytes: number;
  readonly initializer: Initializer;
}

/** Where every parameter lies; those with a gradient come first, so that they form one contiguous range. */
export interface ParameterLayout {
  readonly places: ReadonlyMap<string, ParameterPlace>;
  /** Bytes of the leading range that the optimiser updates. */
  readonly trainedBytes: number;
  readonly bytes: number;
  /** Each in a buffer of its own; no parameter lies in two. */
  readonly pages: readonly Page[];
}

/**
 * Lays out the parameters of `graph`; `trained` names those that receive gradients. `pageBytes` is the most that the
 * device has in one buffer and binds at once. Throws UserError when one parameter exceeds it.
 */
export function layoutParameters(
  graph: Graph,
  trained: ReadonlySet<string>,
  pageBytes = Number.MAX_SAFE_INTEGER,
): ParameterLayout {
  const all = [...graph.parameters.values()].map((tensor) => tensor.node.attributes as ParameterAttributes);
  const places = new Map<string, ParameterPlace>();
  const ends: number[] = [];
  let offset = 0;
  const place = ({ name, shape, initializer }: ParameterAttributes): void => {
    const bytes = sizeOf(shape) * 4;
    refuseTooLarge({ path: name, shape, bytes }, pageBytes);
    places.set(name, { name, shape, offset, bytes, initializer });
    offset += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    ends.push(offset);
  };
  for (const one of all) if (trained.has(one.name)) place(one);
  const trainedBytes = offset;
  for (const one of all) if (!trained.has(one.name)) place(one);
  return { places, trainedBytes, bytes: offset, pages: cutIntoPages(ends, pageBytes) };
}

export class ParameterStore {
  readonly layout: ParameterLayout;
  readonly values: PagedBuffer;
  readonly #buffers: Buffers;

  constructor(buffers: Buffers, layout: ParameterLayout) {
    this.#buffers = buffers;
    this.layout = layout;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    this.values = new PagedBuffer(buffers, 'parameters', layout.pages, usage);
  }

  /** Draws initial values; the same `random` gives the same weights. */
  initialize(random: () => number): void {
    for (const { offset, bytes, initializer } of this.layout.places.values()) {
      const values = new Float32Array(bytes / 4);
      fill(values, initializer, random);
      this.values.write(offset, values);
    }
  }

  /** Writes one parameter. Throws UserError when there is none of that name or the size differs. */
  write(name: string, data: Float32Array): void {
    const place = this.layout.places.get(name);
    if (!place || place.bytes !== data.byteLength) {
      const wanted = place ? shapeText(place.shape) : 'nothing';
      throw new UserError(
        'weight-mismatch',
        `The weight ${name} has ${data.length} values, but this model wants ${wanted}.`,
        { name },
      );
    }
    this.values.write(place.offset, data);
  }

  /** Where a parameter lies. Throws Bug where there is none of that name. */
  at(name: string): Location {
    const place = this.layout.places.get(name);
    invariant(place, `no parameter ${name}`);
    return this.values.at(place.offset, place.bytes);
  }

  /** Puts the values of some parameters aside, on the GPU; what it gives puts them back. */
  keep(names: Iterable<string>): () => void {
    const places = [...names].map((name) => this.at(name));
    const { device } = this.#buffers;
    const size = places.reduce((sum, { bytes }) => sum + bytes, 0);
    const aside = this.#buffers.create('parameters aside', size, GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST);
    const copy = (back: boolean): void => {
      const encoder = device.createCommandEncoder({ label: 'parameters aside' });
      let at = 0;
      for (const { buffer, offset, bytes } of places) {
        if (back) encoder.copyBufferToBuffer(aside, at, buffer, offset, bytes);
        else encoder.copyBufferToBuffer(buffer, offset, aside, at, bytes);
        at += bytes;
      }
      device.queue.submit([encoder.finish()]);
    };
    copy(false);
    return () => {
      if (this.#buffers.disposed) return;
      copy(true);
      this.#buffers.destroy(aside);
    };
  }

  /** All parameters by name, all in memory. */
  async read(): Promise<Map<string, Float32Array>> {
    const bytes = await this.values.read(0, this.layout.bytes);
    const result = new Map<string, Float32Array>();
    for (const { name, offset, bytes: length } of this.layout.places.values()) {
      result.set(name, new Float32Array(bytes.slice(offset, offset + length)));
    }
    return result;
  }
}

function fill(into: Float32Array, initializer: Initializer, random: () => number): void {
  switch (initializer.kind) {
    case 'constant':
      into.fill(initializer.value);
      return;
    case 'data':
      into.set(initializer.data);
      return;
    case 'uniform':
      for (let i = 0; i < into.length; i++) into[i] = (2 * random() - 1) * initializer.bound;
      return;
    case 'normal':
      for (let i = 0; i < into.length; i++) {
        into[i] = initializer.deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
      }
  }
}
