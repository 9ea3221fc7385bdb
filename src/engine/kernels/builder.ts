// Builds one WGSL kernel: loads through views and fused pointwise chains, epilogues at stores, bindings, grid.
import { Bug, invariant } from '../../errors';
import {
  code,
  constant,
  guardConditions,
  mentions,
  Index,
  strideOf,
  substitute,
  without,
  type Guard,
} from '../graph/indexing';
import type { ConstantAttributes } from '../graph/graph';
import type { ExpressionContext, Op, Piece } from '../graph/op';
import type { Tensor } from '../graph/tensor';
import type { Call, CallBinding, InPlace } from './call';
import { gridCode, layout, type Grid } from './grid';
import { LANE, type Lanes } from './lanes';
import { isLiteral, literal } from './literal';
import type { Target } from './target';

/** Which tensors exist in memory, and which pointwise results of this kernel have to be written. */
export interface Residence {
  /** Tensors that the kernel computes itself (the members of its fused group). */
  readonly computed: ReadonlySet<Tensor>;
  /** Those of them that other kernels or the caller read. */
  readonly outputs: readonly Tensor[];
  /** Whether a tensor outside the group lies in memory. */
  readonly stored: (tensor: Tensor) => boolean;
  /** Whether a tensor lies in memory as f16. */
  readonly half: (tensor: Tensor) => boolean;
}

interface Binding {
  readonly tensor: Tensor;
  readonly name: string;
  written: boolean;
  readonly reads: Access[];
  readonly writes: Access[];
  /** All accesses so far are aligned groups of four. */
  vector: boolean;
  readonly half: boolean;
}

/** One read or write in the kernel's text. */
interface Access {
  /** Position and number of lanes. */
  readonly key: string;
  readonly line: number;
  /** Numbers of the blocks that it stands in, outermost first. */
  readonly blocks: readonly number[];
}

const STEP_STRUCT = `struct Step { seed: u32, index: u32 }`;

const tensorKeys = new WeakMap<Tensor, number>();
let nextKey = 0;
function keyOf(tensor: Tensor): number {
  const key = tensorKeys.get(tensor) ?? nextKey++;
  tensorKeys.set(tensor, key);
  return key;
}

export class KernelBuilder {
  readonly target: Target;
  readonly name: string;
  readonly #label: string;
  readonly #residence: Residence;
  readonly #bindings: Binding[] = [];
  readonly #helpers = new Map<string, string>();
  readonly #lines: string[] = [];
  readonly #scopes: Map<string, string>[] = [new Map<string, string>()];
  #declarations = '';
  #counter = 0;
  #blocks: readonly number[] = [];
  #usesStep = false;
  #usesSubgroups = false;
  #indent = '  ';

  constructor(name: string, label: string, target: Target, residence: Residence) {
    this.name = name;
    this.#label = label;
    this.target = target;
    this.#residence = residence;
  }

  /** Appends one statement. */
  line(text: string): void {
    this.#lines.push(this.#indent + text);
  }

  /** Appends `head { body }`; values computed inside are forgotten outside. */
  block(head: string, body: () => void): void {
    this.line(`${head} {`);
    this.#indent += '  ';
    this.#scopes.push(new Map());
    const outer = this.#blocks;
    this.#blocks = [...outer, this.#lines.length];
    body();
    this.#blocks = outer;
    this.#scopes.pop();
    this.#indent = this.#indent.slice(2);
    this.line('}');
  }

  /** A fresh identifier. */
  fresh(prefix: string): string {
    return `${prefix}${this.#counter++}`;
  }

  /** Binds `text` to a new name and returns the name. */
  let(text: string, prefix = 'v'): string {
    const name = this.fresh(prefix);
    this.line(`let ${name} = ${text};`);
    return name;
  }

  /** Text before the entry point, such as workgroup arrays. */
  declare(text: string): void {
    this.#declarations += `${text}\n`;
  }

  /**
   * `count` as the end of a loop. Mesa's CPU driver unrolls loops whose length it knows, which can take it ten
   * seconds, so there the number is hidden.
   */
  bound(count: number): string {
    if (!this.target.software || count <= 4) return `${count}u`;
    return this.let(`select(${count}u, 0u, workgroup.x > 65535u)`, 'bound');
  }

  /** Declares a function once and returns its name. */
  helper(name: string, source: (type: string, name: string) => string, type = 'f32'): string {
    const full = type === 'f32' ? name : `${name}_vec4`;
    if (!this.#helpers.has(full)) this.#helpers.set(full, source(type, full));
    return full;
  }

  /** The step's seed and counters become available as `step`. */
  useStep(): string {
    this.#usesStep = true;
    return 'step';
  }

  /** Subgroup functions become available, with this invocation's place in its subgroup as `subgroup_lane`. */
  useSubgroups(): string {
    invariant(this.target.subgroupSize > 0, `${this.#label}: this device has no subgroups of known size`);
    this.#usesSubgroups = true;
    return 'subgroup_lane';
  }

  /**
   * The value of `tensor` at flat position `index`: read from memory, or computed here from what it depends on.
   * With four lanes the index contains the variable LANE and the value is a vec4.
   */
  load(tensor: Tensor, index: Index, lanes: Lanes = 1): string {
    const key = `${keyOf(tensor)}@${index.key}x${lanes}`;
    for (const scope of this.#scopes) {
      const known = scope.get(key);
      if (known !== undefined) return known;
    }
    const value = this.#value(tensor, index, lanes);
    this.#remember(key, value);
    return value;
  }

  /** Says that the kernel has computed these tensors at `index`; writes them and what is fused behind them. */
  store(values: readonly (readonly [Tensor, string])[], index: Index, lanes: Lanes = 1): void {
    const sizes = new Set<number>();
    for (const [tensor, value] of values) {
      this.#remember(`${keyOf(tensor)}@${index.key}x${lanes}`, value);
      sizes.add(tensor.size);
    }
    const direct = new Set(values.map(([tensor]) => tensor));
    const fused = this.#residence.outputs.filter(
      (output) => !direct.has(output) && output.node.op.kind === 'pointwise' && sizes.has(output.size),
    );
    // All is read before anything is written: an output may lie where something ends that it was made from.
    const all = [
      ...fused.map((output) => [output, this.load(output, index, lanes)] as const),
      ...values.filter(([tensor]) => this.#residence.outputs.includes(tensor)),
    ];
    for (const [tensor, value] of all) this.write(tensor, index, value, lanes);
  }

  /** Writes one tensor and nothing else. */
  write(tensor: Tensor, index: Index, value: string, lanes: Lanes = 1): void {
    const binding = this.#bind(tensor, true);
    binding.writes.push(this.#access(index, lanes));
    if (lanes === 1) {
      binding.vector = false;
      this.line(`${binding.name}[${code(index)}] = ${binding.half ? `f16(${value})` : value};`);
      return;
    }
    const base = without(index, LANE);
    const kept = /^\w+$/.test(value) ? value : this.let(value);
    if (strideOf(index, LANE) === 1 && divisible(base)) {
      this.#lines.push(
        `${this.#indent}§W${this.#bindings.indexOf(binding)}|${code(base)}|${code(quarter(base))}|${kept}§`,
      );
      return;
    }
    binding.vector = false;
    for (let lane = 0; lane < 4; lane++) {
      const one = binding.half ? `f16(${kept}[${lane}])` : `${kept}[${lane}]`;
      this.line(`${binding.name}[${code(substitute(index, LANE, constant(lane)))}] = ${one};`);
    }
  }

  /** Whether `tensor` at an index with lane variable can be read as one vec4. */
  readsVector(tensor: Tensor, index: Index): boolean {
    const at = this.resolve(tensor, index);
    return at !== null && strideOf(at.index, LANE) === 1 && divisible(without(at.index, LANE));
  }

  /** Where in memory `tensor[index]` lies when only unguarded views are in between; else null. */
  resolve(tensor: Tensor, index: Index): { tensor: Tensor; index: Index } | null {
    if (this.#inMemory(tensor)) return { tensor, index };
    const { op } = tensor.node;
    if (op.kind !== 'view') return null;
    const pieces = op.pieces(index, tensor.node.inputs, tensor.node.attributes, tensor);
    const [piece] = pieces;
    if (!piece || pieces.length !== 1 || piece.guard) return null;
    const input = tensor.node.inputs[piece.input];
    return input ? this.resolve(input, piece.index) : null;
  }

  /** Finishes the kernel. `grid` is the number of invocations along x and y and of workgroups along z. */
  finish(grid: Grid, flops: number): Call {
    const { workgroupSize, workgroups } = layout(grid, this.target, this.#label);
    const offset = this.#usesStep ? 1 : 0;
    const declared = this.#bindings.map(({ name, written, vector, half, tensor }, number) => {
      const element = half ? 'f16' : tensor.dtype;
      const type = vector ? `array<vec4<${element}>>` : `array<${element}>`;
      return `@group(0) @binding(${number + offset}) var<storage, ${written ? 'read_write' : 'read'}> ${name}: ${type};`;
    });
    if (this.#usesStep) declared.unshift('@group(0) @binding(0) var<uniform> step: Step;', STEP_STRUCT);
    const body = this.#lines.map((line) => this.#expand(line)).join('\n');
    // Kernels keep subgroups together by construction, which WGSL's analysis cannot see.
    const halves = this.#bindings.some(({ half }) => half) ? 'enable f16;\n' : '';
    const directives = `${halves}${this.#usesSubgroups ? 'enable subgroups;\ndiagnostic(off, subgroup_uniformity);\n' : ''}`;
    const lane = this.#usesSubgroups ? ', @builtin(subgroup_invocation_id) subgroup_lane: u32' : '';
    const source = `${directives}${declared.join('\n')}
${this.#declarations}${[...this.#helpers.values()].map((text) => `${text}\n`).join('')}
@compute @workgroup_size(${workgroupSize.join(', ')})
fn ${this.name}(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>${lane}) {
${gridCode(grid, workgroupSize, workgroups)}
${body}
}
`;
    const bindings: CallBinding[] = this.#bindings.map(({ tensor, written }) => ({ tensor, written }));
    return {
      label: this.#label,
      source,
      entryPoint: this.name,
      bindings,
      inPlace: this.#inPlace(),
      usesStep: this.#usesStep,
      workgroups,
      flops,
      bytes: this.#bindings.reduce((sum, { tensor, half }) => sum + tensor.size * (half ? 2 : 4), 0),
    };
  }

  #access(index: Index, lanes: Lanes): Access {
    return { key: `${index.key}x${lanes}`, line: this.#lines.length, blocks: this.#blocks };
  }

  #inPlace(): InPlace[] {
    const numbers = this.#bindings.map((_, number) => number);
    return numbers.flatMap((written) =>
      numbers
        .filter((read) => mayShare(this.#bindings[read] as Binding, this.#bindings[written] as Binding))
        .map((read) => ({ read, written })),
    );
  }

  #remember(key: string, value: string): void {
    this.#scopes[this.#scopes.length - 1]?.set(key, value);
  }

  #inMemory(tensor: Tensor): boolean {
    return !this.#residence.computed.has(tensor) && this.#residence.stored(tensor);
  }

  #value(tensor: Tensor, index: Index, lanes: Lanes): string {
    const { op, inputs, attributes } = tensor.node;
    if (isLiteral(tensor)) {
      const text = literal((attributes as ConstantAttributes).data as number, tensor.dtype);
      return lanes === 4 ? `vec4<${tensor.dtype}>(${text})` : text;
    }
    if (this.#inMemory(tensor)) return this.#read(tensor, index, lanes);
    if (op.kind === 'view') return this.#view(tensor, op.pieces(index, inputs, attributes, tensor), lanes);
    if (op.kind === 'pointwise') return this.#expression(tensor, op, index, lanes);
    throw new Bug(`${this.#label}: ${op.name} at ${tensor.node.path} is not at hand in this kernel`);
  }

  #expression(tensor: Tensor, op: Extract<Op<unknown>, { kind: 'pointwise' }>, index: Index, lanes: Lanes): string {
    const type = lanes === 4 ? 'vec4<f32>' : 'f32';
    const values = tensor.node.inputs.map((input) => this.load(input, index, lanes));
    const context: ExpressionContext = {
      type,
      lanes,
      helper: (name, source, shared) => this.helper(name, source, shared ? 'f32' : type),
      bound: (count) => this.bound(count),
      index: () => code(lanes === 4 ? substitute(index, LANE, constant(0)) : index),
      step: () => this.useStep(),
    };
    return this.let(op.expression(values, tensor.node.attributes, context));
  }

  #view(tensor: Tensor, pieces: readonly Piece[], lanes: Lanes): string {
    const [only] = pieces;
    const input = (piece: Piece): Tensor => tensor.node.inputs[piece.input] as Tensor;
    if (only && pieces.length === 1 && !only.guard) return this.load(input(only), only.index, lanes);
    const vectorGuards = pieces.every(
      ({ guard }) =>
        !guard ||
        !mentions(guard.at, LANE) ||
        (strideOf(guard.at, LANE) === 1 &&
          divisible(without(guard.at, LANE)) &&
          guard.low % 4 === 0 &&
          guard.high % 4 === 0),
    );
    if (lanes === 4 && !vectorGuards) {
      const scalars = [0, 1, 2, 3].map((lane) =>
        this.#view(
          tensor,
          pieces.map((piece) => ({
            input: piece.input,
            index: substitute(piece.index, LANE, constant(lane)),
            ...(piece.guard && { guard: { ...piece.guard, at: substitute(piece.guard.at, LANE, constant(lane)) } }),
          })),
          1,
        ),
      );
      return this.let(`vec4<${tensor.dtype}>(${scalars.join(', ')})`);
    }
    const name = this.fresh('v');
    this.line(`var ${name} = ${lanes === 4 ? `vec4<${tensor.dtype}>` : tensor.dtype}(0);`);
    for (const piece of pieces) {
      const condition = piece.guard ? guardCode(piece.guard, lanes) : '';
      if (condition === 'false') continue;
      const assign = (): void => {
        this.line(`${name} = ${this.load(input(piece), piece.index, lanes)};`);
      };
      if (condition === '') assign();
      else this.block(`if (${condition})`, assign);
    }
    return name;
  }

  #read(tensor: Tensor, index: Index, lanes: Lanes): string {
    const binding = this.#bind(tensor, false);
    binding.reads.push(this.#access(index, lanes));
    if (lanes === 1) {
      binding.vector = false;
      const element = `${binding.name}[${code(index)}]`;
      return this.let(binding.half ? `f32(${element})` : element);
    }
    const stride = strideOf(index, LANE);
    if (stride === 0) {
      binding.vector = false;
      const element = `${binding.name}[${code(index)}]`;
      return this.let(`vec4<${tensor.dtype}>(${binding.half ? `f32(${element})` : element})`);
    }
    const base = without(index, LANE);
    if (stride === 1 && divisible(base)) {
      return this.let(`§R${this.#bindings.indexOf(binding)}|${code(base)}|${code(quarter(base))}§`);
    }
    binding.vector = false;
    const parts = [0, 1, 2, 3].map((lane) => `${binding.name}[${code(substitute(index, LANE, constant(lane)))}]`);
    const four = `vec4<${binding.half ? 'f16' : tensor.dtype}>(${parts.join(', ')})`;
    return this.let(binding.half ? `vec4<f32>(${four})` : four);
  }

  #bind(tensor: Tensor, written: boolean): Binding {
    let binding = this.#bindings.find((one) => one.tensor === tensor);
    if (!binding) {
      const vector = tensor.size % 4 === 0;
      const half = this.#residence.half(tensor);
      binding = { tensor, name: `t${this.#bindings.length}`, written, reads: [], writes: [], vector, half };
      this.#bindings.push(binding);
    }
    binding.written ||= written;
    invariant(this.#bindings.length <= this.target.storageBuffers, `${this.#label} binds too many tensors`);
    return binding;
  }

  /** Resolves vector accesses once it is known whether a binding is only ever read in fours. */
  #expand(line: string): string {
    return line
      .replace(/§R(\d+)\|([^|§]*)\|([^|§]*)§/g, (_all, number: string, base: string, quarterBase: string) => {
        const { name, vector, half, tensor } = this.#bindings[Number(number)] as Binding;
        const parts = [0, 1, 2, 3].map((lane) => `${name}[${base} + ${lane}u]`).join(', ');
        const four = vector ? `${name}[${quarterBase}]` : `vec4<${half ? 'f16' : tensor.dtype}>(${parts})`;
        return half ? `vec4<f32>(${four})` : four;
      })
      .replace(
        /§W(\d+)\|([^|§]*)\|([^|§]*)\|([^§]*)§/g,
        (_all, number: string, base: string, quarterBase: string, value: string) => {
          const { name, vector, half } = this.#bindings[Number(number)] as Binding;
          if (vector) return `${name}[${quarterBase}] = ${half ? `vec4<f16>(${value})` : value};`;
          const one = (lane: number): string => (half ? `f16(${value}[${lane}])` : `${value}[${lane}]`);
          return [0, 1, 2, 3].map((lane) => `${name}[${base} + ${lane}u] = ${one(lane)};`).join(' ');
        },
      );
  }
}

/**
 * Whether `written` may lie where `read` does: whatever an invocation reads of it, it writes to that very place later,
 * in the same turn of all loops around the read. No other invocation looks there, since outputs are written once.
 */
function mayShare(read: Binding, written: Binding): boolean {
  const alike =
    read.tensor.size === written.tensor.size && read.half === written.half && read.vector === written.vector;
  if (!alike || read.written || !written.written || written.reads.length > 0 || read.reads.length === 0) return false;
  if (read.tensor.dtype !== written.tensor.dtype) return false;
  return read.reads.every((one) => {
    const same = written.writes.filter(({ key }) => key === one.key);
    return same.length > 0 && same.every(({ line, blocks }) => line > one.line && within(blocks, one.blocks));
  });
}

function within(blocks: readonly number[], outer: readonly number[]): boolean {
  return outer.every((number, depth) => blocks[depth] === number);
}

function divisible(index: Index): boolean {
  return index.constant % 4 === 0 && index.terms.every(({ factor }) => factor % 4 === 0);
}

function quarter(index: Index): Index {
  return new Index(
    index.terms.map((one) => ({ ...one, factor: one.factor / 4 })),
    index.constant / 4,
  );
}

function guardCode(guard: Guard, lanes: Lanes): string {
  const at = lanes === 4 ? substitute(guard.at, LANE, constant(0)) : guard.at;
  if (at.minimum >= guard.high || at.maximum < guard.low) return 'false';
  return guardConditions({ ...guard, at }).join(' && ');
}
