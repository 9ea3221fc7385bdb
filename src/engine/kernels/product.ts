// Products with a tile of outputs per invocation, kept in registers: matrix products and convolutions as such.
//
// The inner axis is walked tap by tap, and within a tap in steps of four where an operand allows vector reads. A long
// inner axis with few outputs (weight gradients) is cut into chunks that are summed by a second dispatch. On CPUs with
// subgroups a team of lanes takes tiles side by side in the same rows: each lane loads a part of those rows and all
// share it by broadcast.
import { add, constant, guardConditions, scale, variable, type Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import { sizeOf, type Tensor } from '../graph/tensor';
import type { KernelBuilder } from './builder';
import type { Call } from './call';
import { foldGroups } from './grid';
import { LANE, zero, type Lanes } from './lanes';
import { OperandReader, type Along } from './operand';
import { lowerPanel } from './panelProduct';
import { declareTaps, partsOf, storeOperandSum, sumChunks, type Product } from './productParts';
import { isBrief, productKey, productVariants, type RegisterTile } from './productVariants';
import { SHARING } from './sharedTiles';
import { lowerStaged } from './stagedProduct';
import { foldParts, type Shares } from './together';

/** Lowers one product into one dispatch, or two where the inner axis is cut into chunks. */
export function lowerProduct(lowering: Lowering, name: string, product: Product): Call[] {
  const origin = constant(0);
  const guarded = product.place(origin, origin, origin).guards.length > 0;
  const probe = lowering.kernel(name);
  const along = (operand: 'left' | 'right', size: number): Along =>
    new OperandReader(probe, product[operand], origin, product.inner).along(size);
  const reading = { left: along('left', product.rows), right: along('right', product.columns) };
  const variants = productVariants(product, lowering.target, guarded ? 1 : Infinity, reading);
  const layout = `left by ${reading.left}, right by ${reading.right}`;
  const variant = lowering.choose(`${productKey(name, product)}, ${layout}`, variants);
  if (variant.kind === 'staged') return lowerStaged(lowering, name, product, variant);
  if (variant.kind === 'panel') return lowerPanel(lowering, name, product, variant);
  return lowerRegisters(lowering, name, product, variant);
}

/** Each invocation keeps a tile of sums in registers. */
function lowerRegisters(lowering: Lowering, name: string, product: Product, tile: RegisterTile): Call[] {
  const { batch, rows, columns, inner } = product;
  const steps = sizeOf(inner.taps);
  // Chunks are ranges of taps where there are several, else ranges of offsets.
  const walk = steps > 1 ? steps : inner.length;
  const unit = steps > 1 ? 1 : Math.max(4, tile.team);
  const chunkLength = Math.ceil(walk / tile.chunks / unit) * unit;
  const chunks = Math.ceil(walk / chunkLength);
  const tilesX = Math.ceil(columns / tile.columns);
  const tilesY = Math.ceil(rows / tile.rows);
  const tiles = tilesX * tilesY * batch;
  const flops = 2 * batch * rows * columns * steps * inner.length;
  const parts = tile.together ? '_together' : chunks > 1 ? '_chunks' : '';
  const builder = lowering.kernel(`${name}${parts}`);

  // Tiles that lie side by side in a workgroup whose invocations share out their terms.
  const beside = SHARING / tile.chunks;
  const grid = foldGroups(Math.ceil(tiles / beside), lowering.target);
  if (tile.together) {
    builder.line(`let own_tile = ${grid.group} * ${beside}u + local.x % ${beside}u;`);
    builder.line(`let flat = min(own_tile, ${tiles - 1}u);`);
    builder.line(`let chunk = local.x / ${beside}u;`);
  }
  // One flat domain over columns of tiles, rows of tiles, batch and chunks, fastest first.
  const flat = tile.together ? 'flat' : 'ix';
  builder.line(`let tile_column = ${flat} % ${tilesX}u;`);
  builder.line(`let tile_row = ${flat} / ${tilesX}u % ${tilesY}u;`);
  builder.line(`let matrix = ${flat} / ${tilesX * tilesY}u;`);
  builder.line(`let m0 = tile_row * ${tile.rows}u;`);
  builder.line(`let n0 = tile_column * ${tile.columns}u;`);
  const chunked = chunks > 1 && !tile.together;
  builder.line(chunked ? `let batch = matrix % ${batch}u;` : 'let batch = matrix;');
  if (chunked) builder.line(`let chunk = matrix / ${batch}u;`);
  const at = variable('batch', batch);
  const rowEdge = rows % tile.rows !== 0;
  const columnEdge = columns % tile.columns !== 0;
  // Aligned tile origins let the index algebra see that groups of four stay together.
  const m0 = rowEdge ? null : scale(variable('tile_row', tilesY), tile.rows);
  const n0 = columnEdge ? null : scale(variable('tile_column', tilesX), tile.columns);
  const within = (origin: Index | null, letter: 'm' | 'n', size: number) => (k: number) => {
    if (origin) return add(origin, constant(k));
    builder.line(`let ${letter}${k + 1}_ = min(${letter}0 + ${k}u, ${size - 1}u);`);
    return variable(`${letter}${k + 1}_`, size);
  };
  const rowIndices = Array.from({ length: tile.rows }, (_, r) => r).map(within(m0, 'm', rows));
  const columnIndices = Array.from({ length: tile.columns }, (_, c) => c).map(within(n0, 'n', columns));

  const lane = variable(LANE, 4);
  const left = new OperandReader(builder, product.left, at, inner);
  const right = new OperandReader(builder, product.right, at, inner);
  const [firstRow, firstColumn] = [rowIndices[0] as Index, columnIndices[0] as Index];
  // Four offsets at a time are four times as much to translate, which a brief product does not gain back.
  const single = isBrief(product, lowering.target);
  const leftAlongOffset = !single && left.alongOffset(firstRow);
  const leftAlongRows = !leftAlongOffset && m0 !== null && tile.rows % 4 === 0 && left.alongOwn(firstRow);
  const rightAlongOffset = !single && right.alongOffset(firstColumn);
  const vectorColumns = !rightAlongOffset && n0 !== null && tile.columns % 4 === 0 && right.alongOwn(firstColumn);
  const teamLane = tile.team > 0 ? variable(builder.useSubgroups(), tile.team) : null;
  const teamAlongRows = leftAlongRows && tile.rows === tile.team;
  const step = tile.team > 0 ? tile.team : leftAlongOffset || rightAlongOffset ? 4 : 1;

  const leftHeld =
    teamLane && teamAlongRows
      ? [left.hold(add(m0, teamLane))]
      : !teamLane && leftAlongRows
        ? everyFourth(rowIndices).map((row) => left.hold(add(row, lane)))
        : rowIndices.map((row) => left.hold(row));
  const rightHeld = vectorColumns
    ? everyFourth(columnIndices).map((column) => right.hold(add(column, lane)))
    : columnIndices.map((column) => right.hold(column));
  const accumulators = declareAccumulators(builder, tile.rows, tile.columns, vectorColumns);
  const operand = product.operandSum?.operand;
  const ownLanes = operand === 'right' && vectorColumns ? 4 : 1;
  const own = operand === 'left' ? rowIndices : operand === 'right' ? columnIndices : [];
  const ownSum = (k: number): string => `own_sum${k}`;
  for (let k = 0; k < own.length; k += ownLanes) builder.line(`var ${ownSum(k)} = ${zero(ownLanes)};`);

  const leftAt = (at: (j: number) => Index): ((r: number, j: number) => string) => {
    const held = (r: number): number => leftHeld[r] as number;
    if (teamLane && teamAlongRows) {
      return (r, j) => builder.let(`subgroupBroadcast(${left.read(held(0), at(j), 1)}, ${r}u)`);
    }
    if (teamLane) {
      return (r, j) => builder.let(`subgroupBroadcast(${left.read(held(r), add(at(0), teamLane), 1)}, ${j}u)`);
    }
    if (leftAlongOffset) return (r, j) => `${left.read(held(r), add(at(j - (j % 4)), lane), 4)}[${j % 4}]`;
    if (leftAlongRows) return (r, j) => `${left.read(held(Math.floor(r / 4)), at(j), 4)}[${r % 4}]`;
    return (r, j) => left.read(held(r), at(j), 1);
  };
  const rightAt = (at: (j: number) => Index): ((c: number, j: number) => string) => {
    const held = (c: number): number => rightHeld[c] as number;
    if (rightAlongOffset) return (c, j) => `${right.read(held(c), add(at(j - (j % 4)), lane), 4)}[${j % 4}]`;
    if (vectorColumns) return (c, j) => right.read(held(Math.floor(c / 4)), at(j), 4);
    return (c, j) => right.read(held(c), at(j), 1);
  };
  const offsets = (first: string, last: string): void => {
    left.enterTap();
    right.enterTap();
    const name = step === 1 ? 'k' : 'kq';
    builder.block(`for (var ${name} = ${first}; ${name} < ${last}; ${name}++)`, () => {
      const offset = (j: number): Index =>
        add(scale(variable(name, Math.ceil(inner.length / step)), step), constant(j));
      const [a, b] = [leftAt(offset), rightAt(offset)];
      for (let j = 0; j < step; j++) {
        for (let r = 0; r < tile.rows; r++) {
          const value = a(r, j);
          if (operand === 'left') builder.line(`${ownSum(r)} += ${value};`);
          for (let c = 0; c < tile.columns; c += vectorColumns ? 4 : 1) {
            const sum = accumulators(r, c);
            const other = b(c, j);
            builder.line(`${sum} = fma(${vectorColumns ? `vec4<f32>(${value})` : value}, ${other}, ${sum});`);
            if (operand === 'right' && r === 0) builder.line(`${ownSum(c)} += ${other};`);
          }
        }
      }
    });
  };
  const whole = builder.bound(inner.length / step, 1);
  const range = (size: number): readonly [string, string] => [
    chunks > 1 ? `chunk * ${chunkLength / size}u` : '0u',
    chunks > 1 ? `min((chunk + 1u) * ${chunkLength / size}u, ${walk / size}u)` : builder.bound(walk / size, 1),
  ];
  if (steps === 1) offsets(...range(step));
  else {
    const [first, last] = range(1);
    builder.block(`for (var tap = ${first}; tap < ${last}; tap++)`, () => {
      declareTaps(builder, inner.taps);
      offsets('0u', whole);
    });
  }

  const writeTile = (result: Tensor, offset: Index | null, sums = accumulators): void => {
    for (let r = 0; r < tile.rows; r++) {
      for (let c = 0; c < tile.columns; c += vectorColumns ? 4 : 1) {
        const column = add(columnIndices[c] as Index, vectorColumns ? lane : constant(0));
        const { index, guards } = offset
          ? {
              index: add(offset, add(add(scale(at, rows * columns), scale(rowIndices[r] as Index, columns)), column)),
              guards: [],
            }
          : product.place(at, rowIndices[r] as Index, column);
        const conditions = [
          ...(rowEdge ? [`m0 + ${r}u < ${rows}u`] : []),
          ...(columnEdge ? [`n0 + ${c}u < ${columns}u`] : []),
          ...guards.flatMap((guard) => guardConditions(guard)),
        ];
        builder.when(conditions, () => {
          const value = vectorColumns && !tile.together ? sums(r, c) : builder.let(sums(r, c));
          if (offset) builder.write(result, index, value, vectorColumns ? 4 : 1);
          else builder.store([[result, value]], index, vectorColumns ? 4 : 1);
        });
      }
    }
  };
  const writeOwnSums = (parts: Tensor | null, value: (k: number) => string): void => {
    if (!operand) return;
    const [first, origin, size, edge] =
      operand === 'left' ? ['tile_column', 'm0', rows, rowEdge] : ['tile_row', 'n0', columns, columnEdge];
    builder.block(`if (${first} == 0u)`, () => {
      for (let k = 0; k < own.length; k += ownLanes) {
        builder.when(edge ? [`${origin} + ${k}u < ${size}u`] : [], () => {
          const index = ownLanes === 4 ? add(own[k] as Index, lane) : (own[k] as Index);
          storeOperandSum(builder, product, parts, { index, value: builder.let(value(k)), lanes: ownLanes });
        });
      }
    });
  };
  if (tile.together) {
    const names = eachSum(tile.rows, tile.columns, vectorColumns, accumulators);
    const shares = { row: 'chunk', share: tile.chunks, apart: beside, team: SHARING };
    const type = vectorColumns ? 'vec4<f32>' : 'f32';
    const arrays = foldParts(builder, names, type, shares);
    const whole = new Map(names.map((name, k) => [name, `${arrays[k] ?? ''}[local.x]`]));
    const parts = own.flatMap((_, k) => (k % ownLanes === 0 ? [ownSum(k)] : []));
    const folded = foldOwnSums(builder, parts, ownLanes, { type, shares, arrays, whole });
    builder.block(`if (chunk == 0u && own_tile < ${tiles}u)`, () => {
      writeTile(product.output, null, (r, c) => whole.get(accumulators(r, c)) ?? '');
      writeOwnSums(null, (k) => folded[k / ownLanes] ?? '');
    });
    return [builder.finish({ x: grid.x * SHARING, y: grid.y, size: [SHARING, 1] }, flops)];
  }
  if (chunks === 1) {
    writeTile(product.output, null);
    writeOwnSums(null, ownSum);
    return [builder.finish({ x: tiles }, flops)];
  }
  const size = batch * rows * columns;
  const partial = partsOf(lowering, product, chunks);
  writeTile(partial.outputs, scale(variable('chunk', chunks), size));
  writeOwnSums(partial.operandSum, ownSum);
  return [builder.finish({ x: tiles * chunks }, flops), sumChunks(lowering, `${name}_sum`, product, partial)];
}

interface Folding {
  /** WGSL type of what the arrays hold. */
  readonly type: 'vec4<f32>' | 'f32';
  readonly shares: Shares;
  /** Workgroup memory in which the outputs' sums were folded, and where each is read from; those are read before. */
  readonly arrays: readonly string[];
  readonly whole: Map<string, string>;
}

/** Folds the sums of an operand in the memory that the outputs' sums leave free. Returns WGSL of each. */
function foldOwnSums(
  builder: KernelBuilder,
  sums: readonly string[],
  lanes: Lanes,
  { type, shares, arrays, whole }: Folding,
): string[] {
  if (sums.length === 0) return [];
  for (const [name, text] of whole) whole.set(name, builder.let(text));
  builder.line('workgroupBarrier();');
  if (type === 'f32' || lanes === 4)
    return foldParts(builder, sums, type, shares, arrays).map((array) => `${array}[local.x]`);
  // Single numbers where memory holds vectors.
  const four = `vec4<f32>(${[0, 1, 2, 3].map((k) => sums[k] ?? '0.0').join(', ')})`;
  const [array] = foldParts(builder, [four], type, shares, arrays) as [string];
  return sums.map((_, k) => `${array}[local.x][${k}]`);
}

function everyFourth(indices: readonly Index[]): Index[] {
  return indices.filter((_, k) => k % 4 === 0);
}

function declareAccumulators(
  builder: KernelBuilder,
  rows: number,
  columns: number,
  vector: boolean,
): (r: number, c: number) => string {
  const name = (r: number, c: number): string => `s${r}_${c}`;
  for (const sum of eachSum(rows, columns, vector, name)) builder.line(`var ${sum} = ${zero(vector ? 4 : 1)};`);
  return name;
}

/** Names of all sums of a tile. */
function eachSum(rows: number, columns: number, vector: boolean, name: (r: number, c: number) => string): string[] {
  const across = Array.from({ length: vector ? columns / 4 : columns }, (_, k) => (vector ? 4 * k : k));
  return Array.from({ length: rows }, (_, r) => across.map((c) => name(r, c))).flat();
}
