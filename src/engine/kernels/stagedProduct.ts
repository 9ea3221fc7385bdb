// Products on a GPU: a workgroup makes a tile of outputs, and both operands pass through workgroup memory.
//
// Each invocation holds blocks of 4 × 4 outputs, or one of 3 × 4. Per step the workgroup brings a few offsets of the tile's rows and
// columns: every value is read once from memory and used by a whole row or column of invocations. (After the tiling of
// Volkov and Demmel 2008, "Benchmarking GPUs to tune dense linear algebra".) A long inner axis with few outputs is cut
// into chunks that are summed by a second dispatch.
import { add, code, constant, guardConditions, scale, variable, type Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import { sizeOf, type Tensor } from '../graph/tensor';
import type { KernelBuilder } from './builder';
import type { Call } from './call';
import { foldGroups } from './grid';
import { LANE, zero, type Lanes } from './lanes';
import { OperandReader } from './operand';
import { declareTaps, partsOf, storeOperandSum, sumChunks, type Product } from './productParts';
import { StagedOperand } from './stagedOperand';
import { blockOf, invocationsOf, type Staged } from './stagedTiles';

/** Offsets that are multiplied at a time: as many as a vector of an operand holds. */
const TOGETHER = 4;

/** Lowers one product into one dispatch, or two where the inner axis is cut into chunks. */
export function lowerStaged(lowering: Lowering, name: string, product: Product, way: Staged): Call[] {
  const { batch, rows, columns, inner } = product;
  const { down, across, step } = way;
  const high = blockOf(way);
  const steps = sizeOf(inner.taps);
  // Chunks are ranges of taps where there are several, else ranges of offsets.
  const unit = steps > 1 ? 1 : step;
  const walk = steps > 1 ? steps : inner.length;
  const chunkLength = Math.ceil(walk / way.chunks / unit) * unit;
  const chunks = Math.ceil(walk / chunkLength);
  const builder = lowering.kernel(`${name}_staged${chunks > 1 ? '_chunks' : ''}`);
  const beside = way.columns / across;
  const tilesX = Math.ceil(columns / way.columns);
  const tilesY = Math.ceil(rows / way.rows);
  const workgroups = tilesX * tilesY * batch * chunks;
  const { x, y, group: workgroup } = foldGroups(workgroups, lowering.target);
  // Surplus workgroups repeat the last one and store nothing: all must reach the barriers.
  const surplus = x * y > workgroups;
  builder.line(`let tile = ${surplus ? `min(${workgroup}, ${workgroups - 1}u)` : workgroup};`);
  builder.line(`let m0 = tile / ${tilesX}u % ${tilesY}u * ${way.rows}u;`);
  builder.line(`let n0 = tile % ${tilesX}u * ${way.columns}u;`);
  builder.line(`let batch = tile / ${tilesX * tilesY}u${chunks > 1 ? ` % ${batch}u` : ''};`);
  if (chunks > 1) builder.line(`let chunk = tile / ${tilesX * tilesY * batch}u;`);
  builder.line(`let own_row = local.x / ${beside}u * ${high}u;`);
  builder.line(`let own_column = local.x % ${beside}u * 4u;`);
  const at = variable('batch', batch);
  const invocations = invocationsOf(way);
  const left = new StagedOperand(builder, new OperandReader(builder, product.left, at, inner), {
    ...{ name: 'left', size: rows, origin: 'm0', length: inner.length },
    ...{ tile: way.rows, block: high, step, invocations },
  });
  const right = new StagedOperand(builder, new OperandReader(builder, product.right, at, inner), {
    ...{ name: 'right', size: columns, origin: 'n0', length: inner.length },
    ...{ tile: way.columns, block: 4, step, invocations },
  });
  const sum = (r: number, c: number): string => `sum${r}_${c}`;
  const rowBlocks = Array.from({ length: down / high }, (_, k) => k);
  const columnBlocks = Array.from({ length: across / 4 }, (_, k) => k);
  for (let r = 0; r < down; r++) for (const c of columnBlocks) builder.line(`var ${sum(r, c)} = ${zero(4)};`);
  // The first tile of a row, or of a column, of tiles sums up its operand on the way.
  const operand = product.operandSum?.operand;
  const summing = operand === 'left' ? 'n0 == 0u' : 'm0 == 0u';
  const ownSum = (k: number): string => `own_sum${k}`;
  const ownSums = operand === 'left' ? Array.from({ length: down }, (_, r) => r) : operand ? columnBlocks : [];
  for (const k of ownSums) builder.line(`var ${ownSum(k)} = ${zero(operand === 'left' ? 1 : 4)};`);
  // Blocks lie apart, so that neighbouring invocations read neighbouring vectors.
  const rowOf = (block: number): number => block * (way.rows / rowBlocks.length);
  const columnOf = (block: number): number => block * (way.columns / columnBlocks.length);

  const offsets = (first: string, last: string): void => {
    left.enterTap();
    right.enterTap();
    builder.block(`for (var start = ${first}; start < ${last}; start += ${step}u)`, () => {
      left.bring();
      right.bring();
      builder.line('workgroupBarrier();');
      builder.block(`for (var four = 0u; four < ${builder.bound(step / TOGETHER)}; four++)`, () => {
        const a = rowBlocks.map((block) => left.staged('own_row', rowOf(block)));
        const b = columnBlocks.map((block) => right.staged('own_column', columnOf(block)));
        for (let k = 0; k < TOGETHER; k++) {
          const row = b.map((block) => block.vector(k));
          for (let r = 0; r < down; r++) {
            const value = a[Math.floor(r / high)]?.single(r % high, k) ?? '';
            for (const c of columnBlocks) {
              builder.line(`${sum(r, c)} = fma(vec4<f32>(${value}), ${row[c] ?? ''}, ${sum(r, c)});`);
            }
          }
        }
        if (!operand) return;
        builder.block(`if (${summing})`, () => {
          for (const own of ownSums) {
            const [p, q, s, t] = [0, 1, 2, 3].map((k) =>
              operand === 'left' ? a[Math.floor(own / high)]?.single(own % high, k) : b[own]?.vector(k),
            );
            builder.line(`${ownSum(own)} += (${p} + ${q}) + (${s} + ${t});`);
          }
        });
      });
      builder.line('workgroupBarrier();');
    });
  };
  const begin = chunks > 1 ? builder.let(`chunk * ${chunkLength}u`, 'begin') : '0u';
  const end = chunks > 1 ? builder.let(`min(${begin} + ${chunkLength}u, ${walk}u)`, 'end') : builder.bound(walk);
  if (steps === 1) offsets(begin, end);
  else {
    const length = builder.bound(inner.length);
    builder.block(`for (var tap = ${begin}; tap < ${end}; tap++)`, () => {
      declareTaps(builder, inner.taps);
      offsets('0u', length);
    });
  }
  const size = batch * rows * columns;
  const parts = chunks > 1 ? partsOf(lowering, product, chunks) : null;
  const target = parts && { tensor: parts.outputs, offset: scale(variable('chunk', chunks), size) };
  const rowAt = (r: number): string =>
    builder.let(`m0 + own_row + ${rowOf(Math.floor(r / high)) + (r % high)}u`, 'row');
  const groupAt = (c: number): string => builder.let(`(n0 + own_column) / 4u + ${columnOf(c) / 4}u`, 'column_group');
  for (let r = 0; r < down; r++) {
    for (const c of columnBlocks) {
      const row = rowAt(r);
      const group = groupAt(c);
      const inside = surplus ? `${workgroup} < ${workgroups}u` : null;
      storeFour(builder, product, way, { row, group, sum: sum(r, c), inside }, target);
    }
  }
  if (operand) {
    const alone = operand === 'left' ? 'own_column == 0u' : 'own_row == 0u';
    builder.block(
      `if (${[summing, alone, ...(surplus ? [`${workgroup} < ${workgroups}u`] : [])].join(' && ')})`,
      () => {
        const store = (index: Index, value: string, lanes: Lanes): void =>
          storeOperandSum(builder, product, parts?.operandSum ?? null, { index, value, lanes });
        for (const k of ownSums) {
          if (operand === 'left') {
            const row = rowAt(k);
            builder.when(rowExists(row, rows, way), () => store(variable(row, rows), ownSum(k), 1));
            continue;
          }
          for (const { column, exists, value, lanes } of columnsOf(groupAt(k), ownSum(k), columns, way)) {
            builder.when(exists, () => store(column, value, lanes));
          }
        }
      },
    );
  }
  const flops = 2 * batch * rows * columns * steps * inner.length;
  const call = builder.finish({ x: x * invocations, y, size: [invocations, 1] }, flops);
  return parts ? [call, sumChunks(lowering, `${name}_sum`, product, parts)] : [call];
}

/** Four of an invocation's outputs: names of their row and group of columns; `inside` says whether they are stored. */
interface Four {
  readonly row: string;
  readonly group: string;
  readonly sum: string;
  readonly inside: string | null;
}

/** Writes them where they exist: as outputs, or as a part of them into `chunk`. */
function storeFour(
  builder: KernelBuilder,
  product: Product,
  tile: Staged,
  { row, group, sum, inside }: Four,
  chunk: { readonly tensor: Tensor; readonly offset: Index } | null,
): void {
  const { batch, rows, columns, output } = product;
  const at = variable('batch', batch);
  const own = variable(row, rows);
  for (const { column, exists, value, lanes } of columnsOf(group, sum, columns, tile)) {
    const flat = add(add(scale(at, rows * columns), scale(own, columns)), column);
    const { index, guards } = chunk ? { index: add(chunk.offset, flat), guards: [] } : product.place(at, own, column);
    const conditions = [
      ...(inside === null ? [] : [inside]),
      ...rowExists(row, rows, tile),
      ...exists,
      ...guards.flatMap((guard) => guardConditions(guard)),
    ];
    builder.when(conditions, () => {
      if (chunk) builder.write(chunk.tensor, index, value, lanes);
      else builder.store([[output, value]], index, lanes);
    });
  }
}

/** Conditions under which a row of the tile lies within the product. */
function rowExists(row: string, rows: number, tile: Staged): string[] {
  return rows % tile.rows === 0 ? [] : [`${row} < ${rows}u`];
}

/** Columns that are written at a time, the conditions under which they exist, and WGSL of their values. */
interface Columns {
  readonly column: Index;
  readonly exists: readonly string[];
  readonly value: string;
  readonly lanes: Lanes;
}

/** The columns of group number `group`, whose values the vector `four` holds: all at once where rows are of whole groups. */
function columnsOf(group: string, four: string, columns: number, tile: Staged): Columns[] {
  const first = scale(variable(group, Math.ceil(columns / 4)), 4);
  const lanes = columns % 4 === 0 ? 4 : 1;
  return (lanes === 4 ? [0] : [0, 1, 2, 3]).map((i) => ({
    column: add(first, lanes === 4 ? variable(LANE, 4) : constant(i)),
    exists: columns % tile.columns === 0 ? [] : [`${code(add(first, constant(i)))} < ${columns}u`],
    value: lanes === 4 ? four : `${four}[${i}]`,
    lanes,
  }));
}
