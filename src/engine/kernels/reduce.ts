// Sums over axes: one invocation per output, or two stages where outputs are few and terms many.
import { add, constant, coordinates, flatten, scale, variable, type Index } from '../graph/indexing';
import { sizeOf, type Node, type Tensor } from '../graph/tensor';
import type { ReduceAttributes } from '../ops/reduce';
import { KernelBuilder, type Residence } from './builder';
import type { Call } from './call';
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

/** How many chunks the terms of one output are cut into, so that enough invocations run side by side. */
export function chunkCount(outputs: number, terms: number, target: Target): number {
  const wanted = target.software ? 512 : 32768;
  if (outputs >= wanted || terms <= 64) return 1;
  const chunks = Math.min(Math.ceil(wanted / outputs), Math.ceil(terms / 32));
  return Math.ceil(terms / Math.ceil(terms / chunks));
}

/** Lowers sums of the same extent over the same axes into one or two dispatches. */
export function lowerReduce(
  nodes: readonly Node[],
  label: string,
  target: Target,
  residence: Residence,
  scratch: (size: number) => Tensor,
): Call[] {
  const [head] = nodes as [Node];
  const input = head.inputs[0] as Tensor;
  const { axes } = head.attributes as ReduceAttributes;
  const output = head.outputs[0] as Tensor;
  const terms = sizeOf(axes.map((axis) => input.shape[axis] ?? 1));
  const chunks = chunkCount(output.size, terms, target);
  const flops = nodes.length * input.size;
  if (chunks === 1) {
    const builder = new KernelBuilder('sum', label, target, residence);
    const out = variable('ix', output.size);
    const sums = accumulate(builder, nodes, out, constant(0), terms, terms);
    builder.store(
      nodes.map((node, k) => [node.outputs[0] as Tensor, sums[k] as string]),
      out,
    );
    return [builder.finish({ x: output.size }, flops)];
  }
  const length = Math.ceil(terms / chunks);
  const stage = chunks * output.size;
  const partials = scratch(nodes.length * stage);
  const partialResidence: Residence = { ...residence, outputs: [partials] };
  const first = new KernelBuilder('sum_chunks', label, target, partialResidence);
  const out = variable('out', output.size);
  first.line(`let out = ix % ${output.size}u;`);
  first.line(`let chunk = ix / ${output.size}u;`);
  const start = scale(variable('chunk', chunks), length);
  const sums = accumulate(first, nodes, out, start, length, terms);
  sums.forEach((sum, k) => {
    first.write(partials, add(variable('ix', stage), constant(k * stage)), sum);
  });
  const second = new KernelBuilder('sum', label, target, {
    ...residence,
    stored: (tensor) => tensor === partials || residence.stored(tensor),
  });
  const at = variable('ix', output.size);
  const totals = nodes.map(() => second.fresh('total'));
  for (const total of totals) second.line(`var ${total} = 0.0;`);
  second.block(`for (var c = 0u; c < ${second.bound(chunks)}; c++)`, () => {
    const place = add(scale(variable('c', chunks), output.size), at);
    totals.forEach((total, k) => {
      second.line(`${total} += ${second.load(partials, add(place, constant(k * stage)))};`);
    });
  });
  second.store(
    nodes.map((node, k) => [node.outputs[0] as Tensor, totals[k] as string]),
    at,
  );
  return [first.finish({ x: chunks * output.size }, flops), second.finish({ x: output.size }, chunks * output.size)];
}

function accumulate(
  builder: KernelBuilder,
  nodes: readonly Node[],
  out: Index,
  start: Index,
  length: number,
  terms: number,
): string[] {
  const sums = nodes.map(() => builder.fresh('sum'));
  for (const sum of sums) builder.line(`var ${sum} = 0.0;`);
  builder.block(`for (var k = 0u; k < ${builder.bound(length)}; k++)`, () => {
    const exact = start.maximum + length <= terms;
    let term = add(start, variable('k', length));
    if (!exact) {
      builder.line(`let term = ${codeOfTerm(start)} + k;`);
      builder.line(`if (term >= ${terms}u) { break; }`);
      term = variable('term', terms);
    }
    nodes.forEach((node, k) => {
      const input = node.inputs[0] as Tensor;
      const { axes } = node.attributes as ReduceAttributes;
      const value = builder.load(input, reducedIndex(input, axes, out, term));
      builder.line(`${sums[k]} += ${value};`);
    });
  });
  return sums;
}

function codeOfTerm(start: Index): string {
  return start.terms.length === 0
    ? `${start.constant}u`
    : start.terms.map((one) => `${one.key} * ${one.factor}u`).join(' + ');
}
