// One operand's way into workgroup memory and out of it, for products on a GPU.
//
// Vectors of four lie there as they lie in memory: along the operand's own axis, [offset][own / 4], or along the inner
// axis, [own][offset / 4]. Between every four rows of the latter (three, where blocks are of three) one vector is left
// out: lanes that read rows a block apart then meet in no bank.
import { add, code, constant, scale, variable, type Index } from '../graph/indexing';
import type { KernelBuilder } from './builder';
import { LANE, neighbours, zero, type Lanes } from './lanes';
import type { OperandReader } from './operand';

interface Staging {
  readonly name: 'left' | 'right';
  /** Rows or columns of the result, and WGSL of the tile's first. */
  readonly size: number;
  readonly origin: string;
  /** Length of the inner axis. */
  readonly length: number;
  /** Own places and offsets that lie in workgroup memory at a time. */
  readonly tile: number;
  /** Own places that an invocation reads together. */
  readonly block: number;
  readonly step: number;
  readonly invocations: number;
}

/** What a block of own places holds at four offsets. */
export interface Block {
  /** Value of own place i at offset k. */
  single(i: number, k: number): string;
  /** The values at offset k of a block of four. */
  vector(k: number): string;
}

export class StagedOperand {
  readonly #builder: KernelBuilder;
  readonly #reader: OperandReader;
  readonly #staging: Staging;
  /** The axis along which four values lie side by side in memory. */
  readonly #along: 'offset' | 'own' | 'none';
  /** Numbers by which this invocation reads, and the places along `own` within the tile that they start at. */
  readonly #held: readonly { readonly number: number; readonly own: string }[];

  constructor(builder: KernelBuilder, reader: OperandReader, staging: Staging) {
    const { name, size, origin, tile, block, step, invocations } = staging;
    this.#builder = builder;
    this.#reader = reader;
    this.#staging = staging;
    const tiles = Math.ceil(size / tile);
    const whole = scale(variable(`${name}_number`, tiles), tile);
    if (tiles > 1) builder.line(`let ${name}_number = ${origin} / ${tile}u;`);
    const group = variable(`${name}_group`, tile / 4);
    const alongOwn = block === 4 && size % tile === 0 && reader.alongOwn(add(whole, scale(group, 4)));
    this.#along = alongOwn ? 'own' : reader.alongOffset(variable(`${name}_own`, size)) ? 'offset' : 'none';
    const vectors = (tile * step) / 4 + (alongOwn ? 0 : tile / block);
    builder.declare(`var<workgroup> ${name}_tile: array<vec4<f32>, ${vectors}>;`);
    if (this.#along === 'own') {
      // Groups of four neighbours side by side over the invocations, then offset after offset.
      builder.line(`let ${name}_group = local.x % ${tile / 4}u;`);
      const number = reader.hold(add(whole, neighbours(group, 4)));
      this.#held = [{ number, own: `${name}_group` }];
      return;
    }
    // Groups of four offsets side by side over the invocations, then neighbour after neighbour.
    const together = invocations / (step / 4);
    this.#held = Array.from({ length: Math.ceil(tile / together) }, (_, k) => {
      const place = builder.let(`local.x / ${step / 4}u + ${k * together}u`, 'place');
      const own = builder.let(`min(${origin} + ${place}, ${size - 1}u)`, 'own');
      return { number: reader.hold(variable(own, size)), own: place };
    });
  }

  enterTap(): void {
    this.#reader.enterTap();
  }

  /** Copies the offsets from `start` on into workgroup memory. */
  bring(): void {
    const builder = this.#builder;
    const { name, length, tile, block, step, invocations } = this.#staging;
    // Groups of four stay visible to the index algebra as multiples of the step.
    if (length > step) builder.line(`let ${name}_step = start / ${step}u;`);
    const first = scale(variable(`${name}_step`, Math.ceil(length / step)), step);
    if (this.#along === 'own') {
      const together = invocations / (tile / 4);
      for (const { number, own } of this.#held) {
        for (let from = 0; from < step; from += together) {
          const k = builder.let(`local.x / ${tile / 4}u + ${from}u`, 'offset');
          const bring = (): void => {
            const value = this.#inside(add(first, variable(k, step)), 4, (offset) =>
              this.#reader.read(number, offset, 4),
            );
            builder.line(`${name}_tile[${k} * ${tile / 4}u + ${own}] = ${value};`);
          };
          builder.when(from + together > step ? [`${k} < ${step}u`] : [], bring);
        }
      }
      return;
    }
    builder.line(`let ${name}_four = local.x % ${step / 4}u;`);
    const group = add(first, scale(variable(`${name}_four`, step / 4), 4));
    const together = invocations / (step / 4);
    this.#held.forEach(({ number, own }, k) => {
      const bring = (): void => {
        const value =
          this.#along === 'offset'
            ? this.#inside(group, 4, (offset) => this.#reader.read(number, add(offset, variable(LANE, 4)), 4))
            : `vec4<f32>(${[0, 1, 2, 3]
                .map((i) => this.#inside(add(group, constant(i)), 1, (offset) => this.#reader.read(number, offset, 1)))
                .join(', ')})`;
        builder.line(`${name}_tile[${own} * ${step / 4}u + ${own} / ${block}u + ${name}_four] = ${value};`);
      };
      builder.when((k + 1) * together > tile ? [`${own} < ${tile}u`] : [], bring);
    });
  }

  /** The block of own places from `origin` + `more` on, multiples of its size, at the four offsets from 4 × `four` on. */
  staged(origin: string, more: number): Block {
    const builder = this.#builder;
    const { name, tile, block, step } = this.#staging;
    if (this.#along === 'own') {
      const base = builder.let(`four * ${tile}u + ${origin} / 4u`, 'base');
      const vectors = [0, 1, 2, 3].map((k) => builder.let(`${name}_tile[${base} + ${(k * tile + more) / 4}u]`));
      return { single: (i, k) => `${vectors[k] ?? ''}[${i}]`, vector: (k) => vectors[k] ?? '' };
    }
    const base = builder.let(`${origin} * ${step / 4}u + ${origin} / ${block}u + four`, 'base');
    const vectors = Array.from({ length: block }, (_, i) =>
      builder.let(`${name}_tile[${base} + ${((more + i) * step) / 4 + more / block}u]`),
    );
    const single = (i: number, k: number): string => `${vectors[i] ?? ''}[${k}]`;
    return { single, vector: (k) => builder.let(`vec4<f32>(${[0, 1, 2, 3].map((i) => single(i, k)).join(', ')})`) };
  }

  /** The value at an offset, 0 beyond the end. */
  #inside(offset: Index, lanes: Lanes, read: (offset: Index) => string): string {
    const { length, step } = this.#staging;
    if (length % step === 0) return read(offset);
    const builder = this.#builder;
    const wanted = builder.let(code(offset), 'wanted');
    // Vector reads go in groups of four, which never straddle the end: their length is a multiple of four.
    const four = this.#along === 'offset' ? 4 : 1;
    const last = (length - four) / four;
    const kept = builder.let(`min(${wanted} / ${four}u, ${last}u)`, 'kept');
    const value = read(scale(variable(kept, last + 1), four));
    return builder.let(`select(${zero(lanes)}, ${value}, ${wanted} < ${length}u)`);
  }
}
