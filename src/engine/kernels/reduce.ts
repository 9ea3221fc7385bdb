// Sums over axes: one invocation per output, or where outputs are few and terms many a workgroup for a few outputs on a
// GPU, and two stages elsewhere.
import { add, constant, coordinates, flatten, scale, variable, type Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import { sizeOf, type Node, type Tensor } from '../graph/tensor';
import type { ReduceAttributes } from '../ops/reduce';
import type { KernelBuilder } from './builder';
import type { Call } from './call';
import { sizeClass } from './choice';
import { neighbours, worthLanes, zero, type Lanes } from './lanes';
import { sumParts } from './partSums';
import type { Target } from './target';
import { fitsTogether, Together, type Effort } from './together';

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
 * may make an output, of so much `effort`, that comes first, as 0.
 */
export function chunkCount(outputs: number, terms: number, { target, choose }: Lowering, effort?: Effort): number {
  const usual = target.software ? 512 : MANY;
  const variants = new Map<string, number>();
  for (const factor of [1, 1 / 4, 4]) {
    const chunks = chunksFor(outputs, terms, usual * factor);
    if (![...variants.values()].includes(chunks)) variants.set(`invocations x${factor}`, chunks);
  }
  const together = effort && chunksFor(outputs, terms, MANY) > 1 && fitsTogether(outputs, terms, effort, target);
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

/** Whichever axis lies side by side in memory decides, where vectors pay. */
export function foldLanes(input: Tensor, axes: readonly number[], target: Target): FoldLanes {
  if (worthLanes(4, input.size, target) === 1) return 'none';
  const last = input.shape.length - 1;
  if ((input.shape[last] ?? 1) % 4 !== 0) return 'none';
  return axes.includes(last) ? 'terms' : 'outputs';
}

/** Lowers sums of the same extent over the same axes into one or two dispatches. */
export function lowerReduce(nodes: readonly Node[], lowering: Lowering): Call[] {
  const { target } = lowering;
  const [head] = nodes as [Node];
  const input = head.inputs[0] as Tensor;
  const { axes } = head.attributes as ReduceAttributes;
  const output = head.outputs[0] as Tensor;
  const mode = foldLanes(input, axes, target);
  const outputLanes = mode === 'outputs' ? 4 : 1;
  const outputs = output.size / outputLanes;
  const terms = sizeOf(axes.map((axis) => input.shape[axis] ?? 1)) / (mode === 'terms' ? 4 : 1);
  const chunks = chunkCount(outputs, terms, lowering, { sums: nodes.length, walks: 1 });
  const flops = nodes.length * input.size;
  const place = (unit: Index): Index => neighbours(unit, outputLanes);
  const results = (sums: readonly string[]): (readonly [Tensor, string])[] =>
    nodes.map((node, k) => [node.outputs[0] as Tensor, sums[k] as string]);
  if (chunks === 0) {
    const builder = lowering.kernel('sum_together');
    const together = new Together(builder, { outputs, lanes: outputLanes, termsBeside: mode === 'terms' });
    const parts = declareSums(builder, nodes, mode);
    together.each(terms, (term) => addTerms(builder, nodes, mode, parts, together.out, term));
    const sums = together.fold(folded(builder, mode, parts), outputLanes === 4 ? 'vec4<f32>' : 'f32');
    const store = (): void => builder.store(results(sums.map((sum) => builder.let(sum))), together.out, outputLanes);
    return [together.finish(store, flops)];
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
  const lanes = worthLanes(outputLanes, nodes.length * stage, target);
  const at = neighbours(variable('ix', output.size / lanes), lanes);
  const parts = { parts: chunks, size: output.size, starts: nodes.map((_, k) => k * stage) };
  const totals = sumParts(second, partials, parts, at, lanes);
  second.store(results(totals), at, lanes);
  return [
    first.finish({ x: chunks * outputs }, flops),
    second.finish({ x: output.size / lanes }, chunks * output.size),
  ];
}

interface Extent {
  readonly out: Index;
  readonly start: Index;
  /** Terms (or groups of four terms) from `start`, and how many there are at all. */
  readonly length: number;
  readonly terms: number;
}

/** WGSL names of the sums over an extent. */
function accumulate(
  builder: KernelBuilder,
  nodes: readonly Node[],
  mode: FoldLanes,
  { out, start, length, terms }: Extent,
): string[] {
  const sums = declareSums(builder, nodes, mode);
  const exact = start.maximum + length <= terms;
  const term = exact ? add(start, variable('k', length)) : variable('term', terms);
  for (const [input, at] of termsAt(nodes, mode, out, term))
    builder.readAhead(input, at, exact ? 'k' : 'term', lanesOf(mode));
  builder.block(`for (var k = 0u; k < ${builder.bound(length)}; k++)`, () => {
    if (!exact) {
      builder.line(`let term = ${codeOfTerm(start)} + k;`);
      builder.line(`if (term >= ${terms}u) { break; }`);
    }
    addTerms(builder, nodes, mode, sums, out, term);
  });
  return folded(builder, mode, sums);
}

function declareSums(builder: KernelBuilder, nodes: readonly Node[], mode: FoldLanes): string[] {
  const sums = nodes.map(() => builder.fresh('sum'));
  for (const sum of sums) builder.line(`var ${sum} = ${zero(lanesOf(mode))};`);
  return sums;
}

function addTerms(
  builder: KernelBuilder,
  nodes: readonly Node[],
  mode: FoldLanes,
  sums: readonly string[],
  out: Index,
  term: Index,
): void {
  termsAt(nodes, mode, out, term).forEach(([input, at], k) => {
    builder.line(`${sums[k]} += ${builder.load(input, at, lanesOf(mode))};`);
  });
}

/** What each node adds up, and where of it a term of an output lies. */
function termsAt(nodes: readonly Node[], mode: FoldLanes, out: Index, term: Index): (readonly [Tensor, Index])[] {
  const at = mode === 'terms' ? neighbours(term, 4) : term;
  return nodes.map((node) => {
    const input = node.inputs[0] as Tensor;
    const { axes } = node.attributes as ReduceAttributes;
    return [input, reducedIndex(input, axes, out, at)];
  });
}

function lanesOf(mode: FoldLanes): Lanes {
  return mode === 'none' ? 1 : 4;
}

/** Sums of four terms side by side, added up. */
function folded(builder: KernelBuilder, mode: FoldLanes, sums: readonly string[]): string[] {
  if (mode !== 'terms') return [...sums];
  return sums.map((sum) => builder.let(`(${sum}.x + ${sum}.y) + (${sum}.z + ${sum}.w)`));
}

function codeOfTerm(start: Index): string {
  return start.terms.length === 0
    ? `${start.constant}u`
    : start.terms.map((one) => `${one.key} * ${one.factor}u`).join(' + ');
}
