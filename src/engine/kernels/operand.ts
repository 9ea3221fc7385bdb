// How a product's kernel reads one operand: the parts of an address that a loop does not change are computed before it.
//
// An operand is read at (batch, own, taps, offset): `own` is its row or column of the result, `taps` and `offset` are
// the inner axis, walked tap by tap (the positions of a convolution's kernel) and along each tap's offsets.
import {
  add,
  code,
  constant,
  guardConditions,
  mentions,
  scale,
  strideOf,
  substitute,
  variable,
  without,
  Index,
  type Guard,
} from '../graph/indexing';
import { sizeOf, type Shape, type Tensor } from '../graph/tensor';
import type { KernelBuilder } from './builder';
import { LANE, neighbours, zero, type Lanes } from './lanes';

/** Where groups of four values of an operand lie side by side in memory. */
export type Along = 'offset' | 'own' | 'nothing';

export interface Position {
  readonly batch: Index;
  readonly own: Index;
  readonly taps: readonly Index[];
  readonly offset: Index;
  /** Where a guard holds, its number: gives the position that it guards a name that stays within its axis. */
  readonly bound?: (at: Index, guard: number) => Index;
}
export interface Place {
  /** Flat position in the operand's tensor. */
  readonly index: Index;
  readonly guards: readonly Guard[];
}
export interface Operand {
  readonly tensor: Tensor;
  place(position: Position): Place;
}

/** The inner axis: sizes of the taps' axes (none for a plain matrix product) and the length of each tap. */
export interface Inner {
  readonly taps: readonly number[];
  readonly length: number;
}

const OFFSET = 'offset';

/** Name of the variable that holds a tap's coordinate along one axis. */
export function tapName(axis: number): string {
  return `tap${axis}`;
}

interface HeldGuard extends Guard {
  /** `at` with its fixed terms computed already. */
  readonly start: Index;
}

/** One row or column of the tile. */
interface Held {
  readonly own: Index;
  /** Where the address starts, without taps and offset; null where it is not linear in the offset. */
  readonly start: Index | null;
  readonly tensor: Tensor;
  readonly stride: number;
  readonly guards: readonly HeldGuard[];
  /** Set once per tap. */
  base: Index;
  valid: string | null;
}

export class OperandReader {
  readonly #builder: KernelBuilder;
  readonly #operand: Operand;
  readonly #batch: Index;
  readonly #inner: Inner;
  readonly #names: readonly string[];
  readonly #held: Held[] = [];
  #known = new Map<string, string>();

  constructor(builder: KernelBuilder, operand: Operand, batch: Index, inner: Inner) {
    this.#builder = builder;
    this.#operand = operand;
    this.#batch = batch;
    this.#inner = inner;
    this.#names = [...inner.taps.map((_, axis) => tapName(axis)), OFFSET, LANE];
  }

  /** Whether four neighbours along the offset lie side by side in memory at any four-aligned offset. */
  alongOffset(own: Index): boolean {
    const { length } = this.#inner;
    if (length % 4 !== 0) return false;
    return this.#vector(this.#place(own, neighbours(variable('group', length / 4), 4)));
  }

  /** Whether the four rows (or columns) from `own` lie side by side in memory. */
  alongOwn(own: Index): boolean {
    return this.#vector(this.#place(add(own, variable(LANE, 4)), variable(OFFSET, this.#inner.length)));
  }

  /** The axis along which groups of four lie side by side in memory; `size` is that of the operand's own axis. */
  along(size: number): Along {
    if (this.alongOffset(variable('own', size))) return 'offset';
    return size % 4 === 0 && this.alongOwn(scale(variable('own', size / 4), 4)) ? 'own' : 'nothing';
  }

  /** Prepares reading at `own`, which may contain LANE; returns the number to read it by. Call before the loops. */
  hold(own: Index): number {
    const { length } = this.#inner;
    const place = this.#place(own, variable(OFFSET, length));
    const found = this.#builder.resolve(this.#operand.tensor, place.index);
    const stride = found ? strideOf(found.index, OFFSET) : null;
    const tensor = found?.tensor ?? this.#operand.tensor;
    const linear = found !== null && stride !== null;
    this.#held.push({
      own,
      start: linear ? this.#hoist(without(found.index, OFFSET), tensor) : null,
      tensor,
      stride: stride ?? 0,
      guards: place.guards.map((guard) => ({ ...guard, start: this.#hoist(guard.at, tensor) })),
      base: constant(0),
      valid: null,
    });
    return this.#held.length - 1;
  }

  /** Computes what holds for a whole tap. Call once the taps' coordinates are declared, before the loop of offsets. */
  enterTap(): void {
    const builder = this.#builder;
    for (const held of this.#held) {
      const fixed = held.guards.filter(({ at }) => !mentions(at, OFFSET)).flatMap(conditions);
      held.valid = fixed.length > 0 ? builder.let(fixed.join(' && '), 'valid') : null;
      if (!held.start) continue;
      const base = this.#hoist(held.start, held.tensor, [LANE], held.valid);
      held.base = base;
    }
    this.#known = new Map();
  }

  /** The operand's value at an offset; with four lanes `offset` or the held place contains LANE. */
  read(number: number, offset: Index, lanes: Lanes): string {
    const key = `${number}@${offset.key}x${lanes}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const held = this.#held[number] as Held;
    const builder = this.#builder;
    const moving = held.guards
      .filter(({ at }) => mentions(at, OFFSET))
      .map((guard) => ({ ...guard, start: substitute(guard.start, OFFSET, offset) }))
      .flatMap(conditions);
    const valid = [...(held.valid === null ? [] : [held.valid]), ...moving].join(' && ');
    let value: string;
    if (held.start) {
      const index = add(held.base, scale(offset, held.stride));
      value = builder.load(held.tensor, index, lanes);
      if (valid !== '') value = builder.let(`select(${zero(lanes)}, ${value}, ${valid})`);
    } else {
      value = builder.fresh('v');
      builder.line(`var ${value} = ${zero(lanes)};`);
      builder.when(valid === '' ? [] : [valid], () => {
        builder.line(`${value} = ${builder.load(this.#operand.tensor, this.#guarded(held, offset), lanes)};`);
      });
    }
    this.#known.set(key, value);
    return value;
  }

  #place(own: Index, offset: Index, bound?: Position['bound']): Place {
    const taps = this.#inner.taps.map((size, axis) => variable(tapName(axis), size));
    return this.#operand.place({ batch: this.#batch, own, taps, offset, ...(bound && { bound }) });
  }

  /** The place where its guards hold. */
  #guarded({ own, guards }: Held, offset: Index): Index {
    const here = guards.map((guard) => ({ ...guard, at: substitute(guard.start, OFFSET, offset) }));
    return this.#place(own, offset, boundBy(this.#builder, here)).index;
  }

  #vector({ index, guards }: Place): boolean {
    return guards.every(({ at }) => !mentions(at, LANE)) && this.#builder.readsVector(this.#operand.tensor, index);
  }

  /**
   * Binds the terms that no loop variable of `names` occurs in to a name, as `boundIndex`.
   */
  #hoist(index: Index, { shape }: Tensor, names = this.#names, valid: string | null = null): Index {
    const moving = index.terms.filter(({ atom }) => {
      const alone = new Index([{ key: '', atom, factor: 1 }], 0);
      return names.some((name) => mentions(alone, name));
    });
    const fixed = new Index(
      index.terms.filter((term) => !moving.includes(term)),
      index.constant,
    );
    // A place below zero without any variable is never valid.
    if (fixed.terms.length === 0) return moving.length === 0 ? constant(Math.max(0, index.constant)) : index;
    return add(new Index(moving, 0), boundIndex(this.#builder, fixed, shape, valid));
  }
}

/** Names for positions where `guards` hold: views then need no division to find what lies within their axes. */
export function boundBy(builder: KernelBuilder, guards: readonly Guard[]): NonNullable<Position['bound']> {
  return (at, number) => {
    const guard = guards[number];
    if (!guard || mentions(at, LANE)) return at;
    return variable(builder.let(code(add(guard.at, constant(-guard.low))), 'at'), guard.high - guard.low);
  };
}

/**
 * Binds an index to a name. Groups of four stay visible to the index algebra; where `valid` does not hold the result is
 * 0, a safe place to read.
 */
export function boundIndex(builder: KernelBuilder, index: Index, shape: Shape, valid: string | null): Index {
  const four = index.constant % 4 === 0 && index.terms.every(({ factor }) => factor % 4 === 0) ? 4 : 1;
  const divided = new Index(
    index.terms.map((one) => ({ ...one, factor: one.factor / four })),
    index.constant / four,
  );
  const text = code(divided);
  const simple = /^\w+$/.test(text) && valid === null;
  const name = simple ? text : builder.let(valid === null ? text : `select(0u, ${text}, ${valid})`, 'base');
  return scale(variable(name, sizeOf(shape) + 1), four);
}

/** Comparisons that a guard needs, on what was computed ahead of it. */
function conditions(guard: HeldGuard): string[] {
  const text = code(guard.start);
  return guardConditions(guard, /^\w+$/.test(text) ? text : `(${text})`);
}
