// A fused pointwise chain: one invocation per four neighbours. The last group of an uneven size reaches beyond its end,
// where memory is padded; zeros are written there.
import { add, mentions, scale, variable, type Index } from '../graph/indexing';
import { sizeOf, type Tensor } from '../graph/tensor';
import { KernelBuilder, type Residence } from './builder';
import type { Call } from './call';
import { neighbours, worthLanes, type Lanes } from './lanes';
import type { Target } from './target';

/** Lowers a group of pointwise results that all have the same number of elements. */
export function lowerPointwise(outputs: readonly Tensor[], label: string, target: Target, residence: Residence): Call {
  const [head] = outputs as [Tensor];
  const size = head.size;
  const lanes = size === 1 ? 1 : size % 4 === 0 ? worthLanes(4, size, target) : 4;
  const units = Math.ceil(size / lanes);
  const builder = new KernelBuilder('pointwise', label, target, residence, () => null);
  const flops = residence.computed.size * size;
  const columns = target.software && lanes === 4 && size % 4 === 0 ? columnsOf(builder, outputs, units) : 1;
  if (columns > 1) {
    const rows = units / columns;
    const share = shareOf(rows);
    builder.line(`let column = ix % ${columns}u;`);
    builder.line(`let first = ix / ${columns}u * ${share}u;`);
    const index = inRows(rows, columns);
    for (const output of outputs) builder.readAhead(output, index, 'row', lanes);
    builder.block(`for (var k = 0u; k < ${builder.bound(share)}; k++)`, () => {
      builder.line('let row = first + k;');
      writeAll(builder, outputs, index, lanes);
    });
    return builder.finish({ x: units / share }, flops);
  }
  const past = units * lanes - size;
  const last = [0, 1, 2, 3].map((lane) => `${lane + past < 4}`).join(', ');
  const inside = past === 0 ? null : `vec4<bool>(${last}) | vec4<bool>(ix + 1u < ${units}u)`;
  writeAll(builder, outputs, neighbours(variable('ix', units), lanes), lanes, inside);
  return builder.finish({ x: units }, flops);
}

/** Computes and writes all outputs at an index; where `inside` does not hold, zeros. */
function writeAll(
  builder: KernelBuilder,
  outputs: readonly Tensor[],
  index: Index,
  lanes: Lanes,
  inside: string | null = null,
): void {
  // All is read before anything is written: an output may lie where something ends that it was made from.
  const values = outputs.map((output) => builder.load(output, index, lanes));
  const within = inside === null ? null : builder.let(inside, 'inside');
  outputs.forEach((output, k) => {
    const value = values[k] as string;
    const kept = within === null ? value : builder.let(`select(vec4<${output.dtype}>(0), ${value}, ${within})`);
    builder.write(output, index, kept, lanes);
  });
}

/** Rows that an invocation walks over at most. */
const MOST_ROWS = 16;
/** Groups of four from which on the loop is worth its translation. */
const LEAST_UNITS = 2 ** 12;

/** Rows for each invocation, so that none is left over. */
function shareOf(rows: number): number {
  let share = MOST_ROWS;
  while (rows % share !== 0) share--;
  return share;
}

/** The four neighbours at `column` of `row`. */
function inRows(rows: number, columns: number): Index {
  return neighbours(add(scale(variable('row', rows), columns), variable('column', columns)), 4);
}

/**
 * A CPU that plays the GPU reads buffers lane by lane, so that a scale and a shift per channel cost as much as what they
 * are applied to. Over how many columns invocations then walk from row to row, reading once what is the same in each;
 * 1 where that is nothing.
 */
function columnsOf(builder: KernelBuilder, outputs: readonly Tensor[], units: number): number {
  const [{ shape }] = outputs as [Tensor];
  if (units < LEAST_UNITS) return 1;
  const ends = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)) / 4);
  const same = ends.map((columns) => {
    if (columns % 8 !== 0 || shareOf(units / columns) < 4) return 0;
    const index = inRows(units / columns, columns);
    const seen = new Set<string>();
    return outputs.flatMap((one) => builder.reads(one, index, seen)).filter((end) => !mentions(end.index, 'row'))
      .length;
  });
  const most = Math.max(...same);
  return most < 2 ? 1 : (ends[same.lastIndexOf(most)] ?? 1);
}
