// Matrix products with a tile of outputs per invocation, kept in registers; operands are read with strides.
//
// The loop over the inner size goes in steps of four where an operand allows vector reads. Long inner sizes with few
// outputs (weight gradients) are cut into chunks that are summed by a second dispatch. On CPUs with subgroups a team of
// lanes takes tiles side by side in the same rows: each lane loads a part of those rows and all share it by broadcast.
import { add, constant, scale, variable, type Index } from '../graph/indexing';
import type { Tensor } from '../graph/tensor';
import type { Lowering } from '../graph/op';
import { LANE, type KernelBuilder } from './builder';
import type { Call } from './call';
import { matmulTile } from './matmulTile';

interface Options {
  /** Overrides the number of rows when leading axes are rows too (linear). */
  readonly rows?: number;
  /** b is [columns, inner]. */
  readonly transposed?: boolean;
}

/** y [batch…, rows, columns] = a [batch…, rows, inner] × b [batch…, inner, columns]. */
export function lowerMatmul(lowering: Lowering, a: Tensor, b: Tensor, y: Tensor, options: Options = {}): Call[] {
  const { target } = lowering;
  const rows = options.rows ?? y.shape[y.shape.length - 2] ?? 1;
  const columns = y.shape[y.shape.length - 1] ?? 1;
  const inner = a.shape[a.shape.length - 1] ?? 1;
  const batch = y.size / (rows * columns);
  const tile = matmulTile({ batch, rows, columns, inner }, target);
  const flops = 2 * batch * rows * columns * inner;

  const aIndex = (at: Index, m: Index, k: Index): Index => add(add(scale(at, rows * inner), scale(m, inner)), k);
  const bIndex = (at: Index, k: Index, n: Index): Index =>
    options.transposed ? add(scale(n, inner), k) : add(add(scale(at, inner * columns), scale(k, columns)), n);
  const yIndex = (at: Index, m: Index, n: Index): Index => add(add(scale(at, rows * columns), scale(m, columns)), n);

  const tilesX = Math.ceil(columns / tile.columns);
  const tilesY = Math.ceil(rows / tile.rows);
  const unit = Math.max(4, tile.team);
  const chunkLength = Math.ceil(inner / tile.chunks / unit) * unit;
  const chunks = Math.ceil(inner / chunkLength);
  const partial = chunks > 1 ? lowering.scratch(chunks * y.size) : null;
  const builder = lowering.kernel(chunks > 1 ? 'matmul_chunks' : 'matmul');

  // One flat domain over columns of tiles, rows of tiles, batch and chunks, fastest first.
  const total = tilesX * tilesY * batch * chunks;
  builder.line(`let tile_column = ix % ${tilesX}u;`);
  builder.line(`let tile_row = ix / ${tilesX}u % ${tilesY}u;`);
  builder.line(`let matrix = ix / ${tilesX * tilesY}u;`);
  builder.line(`let m0 = tile_row * ${tile.rows}u;`);
  builder.line(`let n0 = tile_column * ${tile.columns}u;`);
  if (chunks > 1) {
    builder.line(`let batch = matrix % ${batch}u;`);
    builder.line(`let chunk = matrix / ${batch}u;`);
  } else builder.line('let batch = matrix;');
  const at = variable('batch', batch);
  const rowEdge = rows % tile.rows !== 0;
  const columnEdge = columns % tile.columns !== 0;
  // Aligned tile origins let the index algebra see that groups of four stay together.
  const m0 = rowEdge ? null : scale(variable('tile_row', tilesY), tile.rows);
  const n0 = columnEdge ? null : scale(variable('tile_column', tilesX), tile.columns);
  const row = (r: number): Index => {
    if (m0) return add(m0, constant(r));
    builder.line(`let m${r + 1}_ = min(m0 + ${r}u, ${rows - 1}u);`);
    return variable(`m${r + 1}_`, rows);
  };
  const column = (c: number): Index => {
    if (n0) return add(n0, constant(c));
    builder.line(`let n${c + 1}_ = min(n0 + ${c}u, ${columns - 1}u);`);
    return variable(`n${c + 1}_`, columns);
  };
  const rowIndices = Array.from({ length: tile.rows }, (_, r) => row(r));
  const columnIndices = Array.from({ length: tile.columns }, (_, c) => column(c));
  const lane = variable(LANE, 4);
  const groupK = add(scale(variable('kq', Math.ceil(inner / 4)), 4), lane);

  // Which axis of each operand lies contiguous and can be read four at a time?
  const some = rowIndices[0] as Index;
  const someN = columnIndices[0] as Index;
  const wholeK = inner % 4 === 0;
  const aAlongK = wholeK && builder.readsVector(a, aIndex(at, some, groupK));
  const bAlongK = wholeK && builder.readsVector(b, bIndex(at, groupK, someN));
  const aAlongM =
    !aAlongK && m0 !== null && tile.rows % 4 === 0 && builder.readsVector(a, aIndex(at, add(m0, lane), constant(0)));
  const bAlongN =
    !bAlongK && n0 !== null && tile.columns % 4 === 0 && builder.readsVector(b, bIndex(at, constant(0), add(n0, lane)));

  const vectorColumns = !bAlongK && n0 !== null && tile.columns % 4 === 0 && bAlongN;
  const accumulators = declareAccumulators(builder, tile.rows, tile.columns, vectorColumns);
  const step = tile.team > 0 ? tile.team : aAlongK || bAlongK ? 4 : 1;
  const teamLane = tile.team > 0 ? variable(builder.useSubgroups(), tile.team) : null;
  const teamAlongM = aAlongM && tile.rows === tile.team;

  const first = chunks > 1 ? `chunk * ${chunkLength / step}u` : '0u';
  const last =
    chunks > 1 ? `min((chunk + 1u) * ${chunkLength / step}u, ${inner / step}u)` : builder.bound(inner / step);
  const loop = step === 1 ? 'k' : 'kq';
  builder.block(`for (var ${loop} = ${first}; ${loop} < ${last}; ${loop}++)`, () => {
    const kAt = (j: number): Index =>
      step === 1 ? variable('k', inner) : add(scale(variable('kq', inner / step), step), constant(j));
    const fourAt = (j: number): Index => add(kAt(j - (j % 4)), lane);
    const aValues = rowIndices.map((m, r) => {
      if (teamLane && teamAlongM) {
        return (j: number): string => {
          const mine = builder.load(a, aIndex(at, add(m0, teamLane), kAt(j)));
          return builder.let(`subgroupBroadcast(${mine}, ${r}u)`);
        };
      }
      if (teamLane) {
        const mine = builder.load(a, aIndex(at, m, add(kAt(0), teamLane)));
        return (j: number): string => builder.let(`subgroupBroadcast(${mine}, ${j}u)`);
      }
      if (aAlongK) {
        const vector = builder.load(a, aIndex(at, m, groupK), 4);
        return (j: number): string => `${vector}[${j}]`;
      }
      if (aAlongM) {
        return (j: number): string => {
          const base = add(m0, constant(r - (r % 4)));
          return `${builder.load(a, aIndex(at, add(base, lane), kAt(j)), 4)}[${r % 4}]`;
        };
      }
      return (j: number): string => builder.load(a, aIndex(at, m, kAt(j)));
    });
    const bValues = columnIndices.map((n, c) => {
      if (bAlongK) {
        return (j: number): string => `${builder.load(b, bIndex(at, fourAt(j), n), 4)}[${j % 4}]`;
      }
      if (vectorColumns) {
        return (j: number): string => builder.load(b, bIndex(at, kAt(j), add(add(n0, constant(c - (c % 4))), lane)), 4);
      }
      return (j: number): string => builder.load(b, bIndex(at, kAt(j), n));
    });
    for (let j = 0; j < step; j++) {
      for (let r = 0; r < tile.rows; r++) {
        const left = (aValues[r] as (j: number) => string)(j);
        for (let c = 0; c < tile.columns; c += vectorColumns ? 4 : 1) {
          const right = (bValues[c] as (j: number) => string)(j);
          const sum = accumulators(r, c);
          builder.line(`${sum} = fma(${vectorColumns ? `vec4<f32>(${left})` : left}, ${right}, ${sum});`);
        }
      }
    }
  });

  const writeTile = (result: Tensor, offset: Index, whole: boolean): void => {
    const emit = (index: Index, value: string, lanes: 1 | 4): void => {
      if (whole) builder.store([[result, value]], index, lanes);
      else builder.write(result, index, value, lanes);
    };
    for (let r = 0; r < tile.rows; r++) {
      const body = (): void => {
        for (let c = 0; c < tile.columns; c += vectorColumns ? 4 : 1) {
          const n = columnIndices[c] as Index;
          const here = add(offset, yIndex(at, rowIndices[r] as Index, n));
          const one = (): void => {
            if (vectorColumns) emit(add(here, lane), accumulators(r, c), 4);
            else emit(here, builder.let(accumulators(r, c)), 1);
          };
          if (columnEdge) builder.block(`if (n0 + ${c}u < ${columns}u)`, one);
          else one();
        }
      };
      if (rowEdge) builder.block(`if (m0 + ${r}u < ${rows}u)`, body);
      else body();
    }
  };
  if (!partial) {
    writeTile(y, constant(0), true);
    return [builder.finish({ x: total }, flops)];
  }
  writeTile(partial, scale(variable('chunk', chunks), y.size), false);
  const second = lowering.kernel('matmul_sum');
  const vector = y.size % 4 === 0 && columns % 4 === 0;
  const place = vector ? add(scale(variable('ix', y.size / 4), 4), lane) : variable('ix', y.size);
  second.line(`var total = ${vector ? 'vec4<f32>(0.0)' : '0.0'};`);
  second.block(`for (var c = 0u; c < ${second.bound(chunks)}; c++)`, () => {
    second.line(`total += ${second.load(partial, add(scale(variable('c', chunks), y.size), place), vector ? 4 : 1)};`);
  });
  second.store([[y, 'total']], place, vector ? 4 : 1);
  return [builder.finish({ x: total }, flops), second.finish({ x: vector ? y.size / 4 : y.size }, chunks * y.size)];
}

function declareAccumulators(
  builder: KernelBuilder,
  rows: number,
  columns: number,
  vector: boolean,
): (r: number, c: number) => string {
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c += vector ? 4 : 1)
      builder.line(`var s${r}_${c} = ${vector ? 'vec4<f32>(0.0)' : '0.0'};`);
  }
  return (r, c) => `s${r}_${c}`;
}
