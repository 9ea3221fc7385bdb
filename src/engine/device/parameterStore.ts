// All weights of a model in one flat buffer: the optimiser then treats them in one pass.
import { UserError } from '../../errors';
import { ALIGNMENT } from '../passes/memory';
import type { Graph, Initializer, ParameterAttributes } from '../graph/graph';
import { shapeText, sizeOf, type Shape } from '../graph/tensor';
import type { Buffers } from './buffers';

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
}

/** Lays out the parameters of `graph`; `trained` names those that receive gradients. */
export function layoutParameters(graph: Graph, trained: ReadonlySet<string>): ParameterLayout {
  const all = [...graph.parameters.values()].map((tensor) => tensor.node.attributes as ParameterAttributes);
  const places = new Map<string, ParameterPlace>();
  let offset = 0;
  const place = ({ name, shape, initializer }: ParameterAttributes): void => {
    const bytes = sizeOf(shape) * 4;
    places.set(name, { name, shape, offset, bytes, initializer });
    offset += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
  };
  for (const one of all) if (trained.has(one.name)) place(one);
  const trainedBytes = offset;
  for (const one of all) if (!trained.has(one.name)) place(one);
  return { places, trainedBytes, bytes: offset };
}

export class ParameterStore {
  readonly layout: ParameterLayout;
  readonly buffer: GPUBuffer;
  readonly #buffers: Buffers;

  constructor(buffers: Buffers, layout: ParameterLayout) {
    this.#buffers = buffers;
    this.layout = layout;
    this.buffer = buffers.create(
      'parameters',
      layout.bytes,
      GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC,
    );
  }

  /** Draws initial values; the same `random` gives the same weights. */
  initialize(random: () => number): void {
    for (const { offset, bytes, initializer } of this.layout.places.values()) {
      const values = new Float32Array(bytes / 4);
      fill(values, initializer, random);
      this.#buffers.device.queue.writeBuffer(this.buffer, offset, values);
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
    this.#buffers.device.queue.writeBuffer(this.buffer, place.offset, data);
  }

  /** All parameters by name, all in memory. */
  async read(): Promise<Map<string, Float32Array>> {
    const bytes = await this.#buffers.read(this.buffer, 0, this.layout.bytes);
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
