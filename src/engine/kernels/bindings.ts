// The tensors that a kernel binds: how its text reads and writes them, and which of them may share their memory.
import { invariant } from '../../errors';
import { code, constant, strideOf, substitute, without, type Index } from '../graph/indexing';
import type { Tensor } from '../graph/tensor';
import type { CallBinding, InPlace } from './call';
import { isVector, LANE, vectorNumber, type Lanes } from './lanes';

/** Where in the kernel's text something stands. */
export interface Where {
  readonly line: number;
  /** Numbers of the blocks around it, outermost first. */
  readonly blocks: readonly number[];
}

interface Access extends Where {
  /** Position and number of lanes. */
  readonly key: string;
}

interface Binding {
  readonly tensor: Tensor;
  readonly name: string;
  readonly half: boolean;
  readonly reads: Access[];
  readonly writes: Access[];
  /** All accesses so far are aligned groups of four; memory holds whole ones, whatever the tensor's size. */
  vector: boolean;
}

export class Bindings {
  readonly #all: Binding[] = [];
  readonly #half: (tensor: Tensor) => boolean;
  readonly #most: number;
  readonly #label: string;

  /** `half` tells which tensors lie in memory as f16; more than `most` bindings are a Bug. */
  constructor(half: (tensor: Tensor) => boolean, most: number, label: string) {
    this.#half = half;
    this.#most = most;
    this.#label = label;
  }

  /** WGSL of the element at `index`, or of the four elements that LANE stands for; `expand` completes it. */
  read(tensor: Tensor, index: Index, lanes: Lanes, where: Where): string {
    const binding = this.#bind(tensor);
    binding.reads.push({ ...where, key: `${index.key}x${lanes}` });
    const { name, half } = binding;
    const element = (at: Index): string => `${name}[${code(at)}]`;
    const single = (at: Index): string => (half ? `f32(${element(at)})` : element(at));
    if (lanes === 4 && isVector(index))
      return `§R${this.#all.indexOf(binding)}|${code(without(index, LANE))}|${code(vectorNumber(index))}§`;
    binding.vector = false;
    if (lanes === 1) return single(index);
    if (strideOf(index, LANE) === 0) return `vec4<${tensor.dtype}>(${single(index)})`;
    const parts = [0, 1, 2, 3].map((lane) => element(substitute(index, LANE, constant(lane))));
    const four = `vec4<${half ? 'f16' : tensor.dtype}>(${parts.join(', ')})`;
    return half ? `vec4<f32>(${four})` : four;
  }

  /** WGSL statements that write a value there; for four lanes `value` is a name. */
  write(tensor: Tensor, index: Index, value: string, lanes: Lanes, where: Where): string[] {
    const binding = this.#bind(tensor);
    binding.writes.push({ ...where, key: `${index.key}x${lanes}` });
    const { name, half } = binding;
    if (lanes === 4 && isVector(index)) {
      const place = `${code(without(index, LANE))}|${code(vectorNumber(index))}`;
      return [`§W${this.#all.indexOf(binding)}|${place}|${value}§`];
    }
    binding.vector = false;
    const one = (at: Index, part: string): string => `${name}[${code(at)}] = ${half ? `f16(${part})` : part};`;
    if (lanes === 1) return [one(index, value)];
    return [0, 1, 2, 3].map((lane) => one(substitute(index, LANE, constant(lane)), `${value}[${lane}]`));
  }

  /** Completes a line once it is known which bindings are only ever accessed in fours. */
  expand(line: string): string {
    return line
      .replace(/§R(\d+)\|([^|§]*)\|([^|§]*)§/g, (_all, number: string, base: string, vectorAt: string) => {
        const { name, vector, half, tensor } = this.#all[Number(number)] as Binding;
        const parts = [0, 1, 2, 3].map((lane) => `${name}[${base} + ${lane}u]`).join(', ');
        const four = vector ? `${name}[${vectorAt}]` : `vec4<${half ? 'f16' : tensor.dtype}>(${parts})`;
        return half ? `vec4<f32>(${four})` : four;
      })
      .replace(
        /§W(\d+)\|([^|§]*)\|([^|§]*)\|([^§]*)§/g,
        (_all, number: string, base: string, vectorAt: string, value: string) => {
          const { name, vector, half } = this.#all[Number(number)] as Binding;
          if (vector) return `${name}[${vectorAt}] = ${half ? `vec4<f16>(${value})` : value};`;
          const one = (lane: number): string => (half ? `f16(${value}[${lane}])` : `${value}[${lane}]`);
          return [0, 1, 2, 3].map((lane) => `${name}[${base} + ${lane}u] = ${one(lane)};`).join(' ');
        },
      );
  }

  /** Declarations, numbered from `first` on. */
  declarations(first: number): string[] {
    return this.#all.map(({ name, writes, vector, half, tensor }, number) => {
      const element = half ? 'f16' : tensor.dtype;
      const type = vector ? `array<vec4<${element}>>` : `array<${element}>`;
      const access = writes.length > 0 ? 'read_write' : 'read';
      return `@group(0) @binding(${number + first}) var<storage, ${access}> ${name}: ${type};`;
    });
  }

  /** Whether any of the tensors lies in memory as f16. */
  get anyHalf(): boolean {
    return this.#all.some(({ half }) => half);
  }

  get bytes(): number {
    return this.#all.reduce((sum, { tensor, half }) => sum + tensor.size * (half ? 2 : 4), 0);
  }

  get list(): CallBinding[] {
    return this.#all.map(({ tensor, writes }) => ({ tensor, written: writes.length > 0 }));
  }

  get inPlace(): InPlace[] {
    return this.#all.flatMap((to, written) =>
      this.#all.flatMap((from, read) => (mayShare(from, to) ? [{ read, written }] : [])),
    );
  }

  #bind(tensor: Tensor): Binding {
    const known = this.#all.find((one) => one.tensor === tensor);
    if (known) return known;
    const binding: Binding = {
      tensor,
      name: `t${this.#all.length}`,
      half: this.#half(tensor),
      reads: [],
      writes: [],
      vector: true,
    };
    this.#all.push(binding);
    invariant(this.#all.length <= this.#most, `${this.#label} binds too many tensors`);
    return binding;
  }
}

/**
 * Whether `to` may lie where `from` does: whatever an invocation reads of it, it writes to that very place later, in the
 * same turn of all loops around the read. No other invocation looks there, since outputs are written once.
 */
function mayShare(from: Binding, to: Binding): boolean {
  const alike = from.tensor.size === to.tensor.size && from.tensor.dtype === to.tensor.dtype;
  const same = alike && from.half === to.half && from.vector === to.vector;
  if (!same || from.writes.length > 0 || to.reads.length > 0) return false;
  return from.reads.every((one) => {
    const there = to.writes.filter(({ key }) => key === one.key);
    return there.length > 0 && there.every(({ line, blocks }) => line > one.line && within(blocks, one.blocks));
  });
}

function within(blocks: readonly number[], outer: readonly number[]): boolean {
  return outer.every((number, depth) => blocks[depth] === number);
}
