// Sums over axes: one invocation per output, or where outputs are few and terms many a workgroup for a few outputs on a
// GPU, and two stages elsewhere.
import { add, constant, coordinates, flatten, scale, variable, type Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import { sizeOf, type Node, type Tensor } from '../graph/tensor';
import type { ReduceAttributes } from '../ops/reduce';
import type { KernelBuilder } from './builder';
import type { Call } from './call';
import { sizeClass } from './choice';
import { foldGroups } from './grid';
import { neighbours, zero, type Lanes } from './lanes';
import { sumParts } from './partSums';
import type { Target } from './target';

/** Flat position in the input for output position `out` and position `term` among the reduced elements. */
export function reducedIndex(input: Tensor, axes: readonly number[], out: Index, term: Index): Index {
  const kept = coordinates(
    out,
    input.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  );
  const inner = coordinates(
    term,
    input.shape.map((size, axis) => (axes.includes(axis) ? size : 1)),
  );
  return flatten(
    kept.map((at, axis) => (axes.includes(axis) ? (inner[axis] ?? constant(0)) : at)),
    input.shape,
  );
}

/** Invocations that keep a large GPU busy. */
const MANY = 32768;

/**
 * How many chunks the terms of one output are cut into, so that enough invocations run side by side; where a workgroup
 * may make the sum (`together`), that comes first, as 0.
 */
export function chunkCount(outputs: number, terms: number, { target, choose }: Lowering, together = false): number {
  const usual = target.software ? 512 : MANY;
  const variants = new Map<string, number>();
  for (const factor of [1, 1 / 4, 4]) {
    const chunks = chunksFor(outputs, terms, usual * factor);
    if (![...variants.values()].includes(chunks)) variants.set(`invocations x${factor}`, chunks);
  }
  if (!together) return choose(`chunks ${sizeClass(outputs)} x ${sizeClass(terms)}`, variants);
  const ways = new Map([['by workgroups', 0], ...variants]);
  return choose(`sum ${sizeClass(outputs)} x ${sizeClass(terms)}`, ways);
}

function chunksFor(outputs: number, terms: number, wanted: number): number {
  if (outputs >= wanted || terms <= 64) return 1;
  const chunks = Math.min(Math.ceil(wanted / outputs), Math.ceil(terms / 32));
  return Math.ceil(terms / Math.ceil(terms / chunks));
}

/** How a fold uses vectors: over four neighbouring outputs, over four neighbouring terms, or not at all. */
export type FoldLanes = 'outputs' | 'terms' | 'none';

/** Whichever axis lies side by side in memory decides. */
export function foldLanes(input: Tensor, axes: readonly number[]): FoldLanes {
  const last = input.shape.length - 1;
  if ((input.shape[last] ?? 1) % 4 !== 0) return 'none';
  return axes.includes(last) ? 'terms' : 'outputs';
}

/** Lowers sums of the same extent over the same axes into one or two dispatches. */
export function lowerReduce(nodes: readonly Node[], lowering: Lowering): Call[] {
  const [head] = nodes as [Node];
  const input = head.inputs[0] as Tensor;
  const { axes } = head.attributes as ReduceAttributes;
  const output = head.outputs[0] as Tensor;
  const mode = foldLanes(input, axes);
  const outputLanes = mode === 'outputs' ? 4 : 1;
  const outputs = output.size / outputLanes;
  const terms = sizeOf(axes.map((axis) => input.shape[axis] ?? 1)) / (mode === 'terms' ? 4 : 1);
  const chunks = chunkCount(
    outputs,
    terms,
    lowering,
    summedByWorkgroups(outputs, terms, nodes.length, lowering.target),
  );
  const flops = nodes.length * input.size;
  const place = (unit: Index): Index => neighbours(unit, outputLanes);
  const results = (sums: readonly string[]): (readonly [Tensor, string])[] =>
    nodes.map((node, k) => [node.outputs[0] as Tensor, sums[k] as string]);
  if (chunks === 0) {
    const kernel = lowering.kernel('sum_together');
    const together: Together = { outputs, terms, lanes: outputLanes, mode };
    return [sumTogether(kernel, nodes, together, flops, (sums, out) => kernel.store(results(sums), out, outputLanes))];
  }
  if (chunks === 1) {
    const builder = lowering.kernel('sum');
    const out = place(variable('ix', outputs));
    const sums = accumulate(builder, nodes, mode, { out, start: constant(0), length: terms, terms });
    builder.store(results(sums), out, outputLanes);
    return [builder.finish({ x: outputs }, flops)];
  }
  const length = Math.ceil(terms / chunks);
  const stage = chunks * output.size;
  const partials = lowering.scratch(nodes.length * stage);
  const first = lowering.kernel('sum_chunks');
  first.line(`let out = ix % ${outputs}u;`);
  first.line(`let chunk = ix / ${outputs}u;`);
  const out = place(variable('out', outputs));
  const start = scale(variable('chunk', chunks), length);
  accumulate(first, nodes, mode, { out, start, length, terms }).forEach((sum, k) => {
    const at = add(scale(variable('chunk', chunks), output.size), out);
    first.write(partials, add(at, constant(k * stage)), sum, outputLanes);
  });
  const second = lowering.kernel('sum');
  const at = place(variable('ix', outputs));
  const parts = { parts: chunks, size: output.size, starts: nodes.map((_, k) => k * stage) };
  const totals = sumParts(second, partials, parts, at, outputLanes);
  second.store(results(totals), at, outputLanes);
  return [first.finish({ x: chunks * outputs }, flops), second.finish({ x: outputs }, chunks * output.size)];
}

/** Invocations of a workgroup that makes sums. */
const TEAM = 256;
/** Terms that one of them adds up at most, one after the other. */
const MOST_TERMS = 128;

/** Whether on a GPU a workgroup can make a few of the sums in one dispatch, which saves that of the parts. */
function summedByWorkgroups(outputs: number, terms: number, sums: number, target: Target): boolean {
  const few = chunksFor(outputs, terms, MANY) > 1;
  const room = sums * TEAM * 16 <= target.workgroupStorageBytes;
  return !target.software && few && room && terms <= MOST_TERMS * (TEAM / besideOf(outputs));
}

/** Outputs that lie side by side in a workgroup: as many as leave enough workgroups, four at least to read in a row. */
function besideOf(outputs: number): number {
  return [16, 8, 4, 2].find((count) => outputs >= count * (count > 4 ? 32 : 1)) ?? 1;
}

interface Together {
  readonly outputs: number;
  readonly terms: number;
  readonly lanes: Lanes;
  readonly mode: FoldLanes;
}

/** A workgroup shares out the terms of a few outputs, and folds its parts through workgroup memory. */
function sumTogether(
  builder: KernelBuilder,
  nodes: readonly Node[],
  { outputs, terms, lanes, mode }: Together,
  flops: number,
  store: (sums: readonly string[], out: Index) => void,
): Call {
  const beside = besideOf(outputs);
  const share = TEAM / beside;
  const { x, y, group } = foldGroups(Math.ceil(outputs / beside), builder.target);
  // Neighbours in memory go to neighbouring invocations.
  const [column, row, apart] =
    mode === 'terms'
      ? [`local.x / ${share}u`, `local.x % ${share}u`, 1]
      : [`local.x % ${beside}u`, `local.x / ${beside}u`, beside];
  builder.line(`let own_out = ${group} * ${beside}u + ${column};`);
  builder.line(`let out = min(own_out, ${outputs - 1}u);`);
  builder.line(`let row = ${row};`);
  const out = neighbours(variable('out', outputs), lanes);
  const walk = { first: 'row', step: share };
  const sums = accumulate(builder, nodes, mode, { out, start: constant(0), length: terms, terms }, walk);
  const type = mode === 'outputs' ? 'vec4<f32>' : 'f32';
  const arrays = sums.map((sum, k) => {
    builder.declare(`var<workgroup> parts${k}: array<${type}, ${TEAM}>;`);
    builder.line(`parts${k}[local.x] = ${sum};`);
    return `parts${k}`;
  });
  builder.line('workgroupBarrier();');
  builder.block(`for (var half = ${builder.bound(share / 2)}; half > 0u; half /= 2u)`, () => {
    builder.block('if (row < half)', () => {
      for (const parts of arrays) builder.line(`${parts}[local.x] += ${parts}[local.x + half * ${apart}u];`);
    });
    builder.line('workgroupBarrier();');
  });
  builder.block(`if (row == 0u && own_out < ${outputs}u)`, () => {
    store(
      arrays.map((parts) => builder.let(`${parts}[local.x]`)),
      out,
    );
  });
  return builder.finish({ x: x * TEAM, y, size: [TEAM, 1] }, flops);
}

interface Extent {
  readonly out: Index;
  readonly start: Index;
  /** Terms (or groups of four terms) from `start`, and how many there are at all. */
  readonly length: number;
  readonly terms: number;
}

function accumulate(
  builder: KernelBuilder,
  nodes: readonly Node[],
  mode: FoldLanes,
  { out, start, length, terms }: Extent,
  { first, step }: { first: string; step: number } = { first: '0u', step: 1 },
): string[] {
  const sums = nodes.map(() => builder.fresh('sum'));
  const lanes = mode === 'none' ? 1 : 4;
  for (const sum of sums) builder.line(`var ${sum} = ${zero(lanes)};`);
  builder.block(`for (var k = ${first}; k < ${builder.bound(length)}; k += ${step}u)`, () => {
    const exact = start.maximum + length <= terms;
    let term = add(start, variable('k', length));
    if (!exact) {
      builder.line(`let term = ${codeOfTerm(start)} + k;`);
      builder.line(`if (term >= ${terms}u) { break; }`);
      term = variable('term', terms);
    }
    if (mode === 'terms') term = neighbours(term, 4);
    nodes.forEach((node, k) => {
      const input = node.inputs[0] as Tensor;
      const { axes } = node.attributes as ReduceAttributes;
      const value = builder.load(input, reducedIndex(input, axes, out, term), lanes);
      builder.line(`${sums[k]} += ${value};`);
    });
  });
  if (mode !== 'terms') return sums;
  return sums.map((sum) => builder.let(`(${sum}.x + ${sum}.y) + (${sum}.z + ${sum}.w)`));
}

function codeOfTerm(start: Index): string {
  return start.terms.length === 0
    ? `${start.constant}u`
    : start.terms.map((one) => `${one.key} * ${one.factor}u`).join(' + ');
}
