// Builds one WGSL kernel: loads through views and fused pointwise chains, epilogues at stores, bindings, grid.
import { Bug, invariant } from '../../errors';
import { behindViews, type Element } from '../graph/behindViews';
import type { Index } from '../graph/indexing';
import { code, constant, guardConditions, mentions, substitute, type Guard } from '../graph/indexing';
import type { ConstantAttributes } from '../graph/graph';
import type { ExpressionContext, Op, Piece } from '../graph/tensor';
import type { Tensor } from '../graph/tensor';
import { Bindings, type Where } from './bindings';
import type { Call } from './call';
import type { Choice } from './choice';
import { gridCode, layout, type Grid } from './grid';
import { isVector, LANE, type Lanes } from './lanes';
import { isLiteral, literal } from './literal';
import type { Target } from './target';

/** Where a tensor that has no memory of its own is written: element i at place at(i) of another. */
export interface Placement {
  readonly tensor: Tensor;
  readonly at: (index: Index) => Index;
}

/** Which tensors exist in memory, and which pointwise results of this kernel have to be written. */
export interface Residence {
  /** Tensors that the kernel computes itself (the members of its fused group). */
  readonly computed: ReadonlySet<Tensor>;
  /** Those of them that other kernels or the caller read. */
  readonly outputs: readonly Tensor[];
  /** Outputs that are written into the memory of another tensor, and where. */
  readonly placed: ReadonlyMap<Tensor, Placement>;
  /** Whether a tensor outside the group lies in memory. */
  readonly stored: (tensor: Tensor) => boolean;
  /** Whether a tensor lies in memory as f16. */
  readonly half: (tensor: Tensor) => boolean;
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
  readonly #choice: () => Choice | null;
  readonly #bindings: Bindings;
  readonly #helpers = new Map<string, string>();
  readonly #lines: string[] = [];
  readonly #scopes: Map<string, string>[] = [new Map<string, string>()];
  #declarations = '';
  #counter = 0;
  #blocks: readonly number[] = [];
  #usesStep = false;
  #usesSubgroups = false;
  #indent = '  ';

  /** `choice` tells what the kernel was chosen from, once it is finished. */
  constructor(name: string, label: string, target: Target, residence: Residence, choice: () => Choice | null) {
    this.name = name;
    this.#label = label;
    this.target = target;
    this.#residence = residence;
    this.#choice = choice;
    this.#bindings = new Bindings(residence.half, target.storageBuffers, label);
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

  /** The body where all conditions hold, without a block where there are none. */
  when(conditions: readonly string[], body: () => void): void {
    if (conditions.length === 0) body();
    else this.block(`if (${conditions.join(' && ')})`, body);
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
   * seconds, so there the number is hidden; up to `most` it may unroll.
   */
  bound(count: number, most = 4): string {
    if (!this.target.unrolls || count <= most) return `${count}u`;
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

  /** Functions by which neighbours along `local.x` exchange values become available. */
  useExchange(): void {
    invariant(this.target.quads, `${this.#label}: this device has no subgroups`);
    this.#usesSubgroups = true;
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
    const kept = lanes === 1 || /^\w+$/.test(value) ? value : this.let(value);
    const placed = this.#residence.placed.get(tensor);
    const [where, at] = placed ? [placed.tensor, placed.at(index)] : [tensor, index];
    for (const line of this.#bindings.write(where, at, kept, lanes, this.#where)) this.line(line);
  }

  /** Elements in memory from which `tensor[index]` is computed here, but for those behind views with guards. */
  reads(tensor: Tensor, index: Index, seen = new Set<string>()): Element[] {
    const found = behindViews(tensor, index, (one) => one.node.op.kind !== 'view' || this.#inMemory(one));
    const key = found ? `${keyOf(found.tensor)}@${found.index.key}` : '';
    if (!found || seen.has(key) || isLiteral(found.tensor)) return [];
    seen.add(key);
    if (this.#inMemory(found.tensor)) return [found];
    const { op, inputs } = found.tensor.node;
    return op.kind === 'pointwise' ? inputs.flatMap((input) => this.reads(input, found.index, seen)) : [];
  }

  /** Reads what of `tensor[index]` is the same in each turn of a loop over the variable `name`; to be called before it. */
  readAhead(tensor: Tensor, index: Index, name: string, lanes: Lanes): void {
    for (const end of this.reads(tensor, index))
      if (!mentions(end.index, name)) this.load(end.tensor, end.index, lanes);
  }

  /** Whether `tensor` at an index with lane variable can be read as one vec4. */
  readsVector(tensor: Tensor, index: Index): boolean {
    const at = this.resolve(tensor, index);
    return at !== null && isVector(at.index);
  }

  /** Where in memory `tensor[index]` lies when only unguarded views are in between; else null. */
  resolve(tensor: Tensor, index: Index): Element | null {
    return behindViews(tensor, index, (one) => this.#inMemory(one));
  }

  /** Finishes the kernel. `grid` is the number of invocations along x and y and of workgroups along z. */
  finish(grid: Grid, flops: number): Call {
    const { workgroupSize, workgroups } = layout(grid, this.target, this.#label);
    const offset = this.#usesStep ? 1 : 0;
    const declared = this.#bindings.declarations(offset);
    if (this.#usesStep) declared.unshift('@group(0) @binding(0) var<uniform> step: Step;', STEP_STRUCT);
    const body = this.#lines.map((line) => this.#bindings.expand(line)).join('\n');
    // Kernels keep subgroups together by construction, which WGSL's analysis cannot see.
    const halves = this.#bindings.anyHalf ? 'enable f16;\n' : '';
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
    return {
      label: this.#label,
      source,
      entryPoint: this.name,
      choice: this.#choice(),
      bindings: this.#bindings.list,
      inPlace: this.#bindings.inPlace,
      usesStep: this.#usesStep,
      workgroups,
      flops,
      bytes: this.#bindings.bytes,
    };
  }

  get #where(): Where {
    return { line: this.#lines.length, blocks: this.#blocks };
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
    if (this.#inMemory(tensor)) return this.let(this.#bindings.read(tensor, index, lanes, this.#where));
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
        !guard || !mentions(guard.at, LANE) || (isVector(guard.at) && guard.low % 4 === 0 && guard.high % 4 === 0),
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
}

function guardCode(guard: Guard, lanes: Lanes): string {
  const at = lanes === 4 ? substitute(guard.at, LANE, constant(0)) : guard.at;
  if (at.minimum >= guard.high || at.maximum < guard.low) return 'false';
  return guardConditions({ ...guard, at }).join(' && ');
}
