// The recurrence of a selective state space (Gu and Dao 2023, "Mamba", equation 2), parallel over time.
//
// h_t[n] = exp(dt_t A[n]) h_{t−1}[n] + dt_t B_t[n] u_t, y_t = Σ_n C_t[n] h_t[n], for each entry of batch and channels.
// Time is cut into chunks: first each chunk's total decay and its end state from a zero start, then the true start
// states one chunk after the other, then the outputs. Only start states are kept: [batch, chunks + 1, states, channels],
// the last of which is the final state. The backward pass is in scanGradient.ts.
import { ShapeError } from '../graph/graph';
import { add, code, constant, coordinates, flatten, variable, type Index } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { KernelOp, Lowering } from '../kernels/lowering';
import { sameShape, shapeText, type Shape, type Tensor } from '../graph/tensor';
import type { KernelBuilder } from '../kernels/builder';
import type { Call } from '../kernels/call';
import { ChunkWalk, scanSizes } from '../kernels/scan';
import { copy } from './arithmetic';
import { scanGradients } from './scanGradient';
import { concat } from './concat';
import { reshape, slice, transpose } from './view';

const scanOp = defineOp<null, KernelOp<null>>({
  name: 'scan',
  kind: 'kernel',
  type([dt, u, a, bc]) {
    const [batch = 1, length = 1, channels = 1] = dt?.shape ?? [];
    const { states, chunks } = scanSizes(dt?.shape ?? [], a?.shape ?? []);
    const wanted: readonly [string, Shape, Shape][] = [
      ['dt', [batch, length, channels], dt?.shape ?? []],
      ['u', [batch, length, channels], u?.shape ?? []],
      ['A', [channels, states], a?.shape ?? []],
      ['B and C together', [batch, length, 2 * states], bc?.shape ?? []],
    ];
    for (const [name, want, got] of wanted) {
      if (!sameShape(want, got)) throw new ShapeError(`wants ${name} ${shapeText(want)}, got ${shapeText(got)}`);
    }
    return [
      { shape: [batch, length, channels], dtype: 'f32' },
      { shape: [batch, chunks + 1, states, channels], dtype: 'f32' },
    ];
  },
  gradient: ({ inputs, outputs: [, states], gradients: [dy, dStates] }) =>
    scanGradients(inputs as readonly [Tensor, Tensor, Tensor, Tensor], states as Tensor, dy ?? null, dStates ?? null),
  lower(lowering, [dt, u, a, bc], _attributes, [y, states]) {
    const inputs = { dt: dt as Tensor, u: u as Tensor, a: a as Tensor, bc: bc as Tensor };
    const { batch, chunks, channels, states: width } = scanSizes(inputs.dt.shape, inputs.a.shape);
    const ends = lowering.scratch(batch * chunks * width * channels);
    const totals = lowering.scratch(batch * chunks * channels);
    return [
      chunkEnds(lowering, inputs, ends, totals),
      startStates(lowering, inputs, ends, totals),
      chunkOutputs(lowering, inputs, ends, y as Tensor, states as Tensor),
    ];
  },
});

interface Inputs {
  readonly dt: Tensor;
  readonly u: Tensor;
  readonly a: Tensor;
  readonly bc: Tensor;
}

/** Notes dt and dt · u of each step of the chunk. */
function noteSteps(builder: KernelBuilder, walk: ChunkWalk, dt: Tensor, u: Tensor): { times: string; driven: string } {
  const [times, driven] = [walk.notes('dt'), walk.notes('driven')];
  walk.eachStep((step) => {
    const time = walk.loadInside(dt, step, walk.last);
    builder.line(`${times}[${step.k}] = ${time};`);
    builder.line(`${driven}[${step.k}] = ${time} * ${walk.load(u, step, walk.last)};`);
  });
  return { times, driven };
}

/** Each chunk's sum of dt, and its end state from a zero start. */
function chunkEnds(lowering: Lowering, { dt, u, a, bc }: Inputs, ends: Tensor, totals: Tensor): Call {
  const sizes = scanSizes(dt.shape, a.shape);
  const { batch, chunks, channels, states } = sizes;
  const builder = lowering.kernel('scan_chunk_ends');
  const walk = new ChunkWalk(builder, sizes, variable('ix', totals.size), channels);
  const { times, driven } = noteSteps(builder, walk, dt, u);
  builder.line('var total = 0.0;');
  walk.eachStep(({ k }) => {
    builder.line(`total += ${times}[${k}];`);
  });
  builder.write(totals, variable('ix', totals.size), 'total');
  walk.eachState((state) => {
    const factor = builder.load(a, flatten([walk.last, state], a.shape));
    builder.line('var h = 0.0;');
    walk.eachStep((step) => {
      const { k } = step;
      builder.line(`h = fma(exp(${times}[${k}] * ${factor}), h, ${driven}[${k}] * ${walk.load(bc, step, state)});`);
    });
    builder.write(ends, flatten([walk.batch, walk.chunk, state, walk.last], [batch, chunks, states, channels]), 'h');
  });
  return builder.finish({ x: totals.size }, 8 * dt.size * states);
}

/** Replaces each chunk's end state from a zero start by its true start state. */
function startStates(lowering: Lowering, { dt, a }: Inputs, ends: Tensor, totals: Tensor): Call {
  const { batch, chunks, channels, states } = scanSizes(dt.shape, a.shape);
  const builder = lowering.kernel('scan_start_states');
  const line = variable('ix', batch * states * channels);
  const [entry, state, channel] = coordinates(line, [batch, states, channels]) as [Index, Index, Index];
  const factor = builder.load(a, flatten([channel, state], a.shape));
  builder.line('var h = 0.0;');
  builder.block(`for (var c = 0u; c < ${builder.bound(chunks)}; c++)`, () => {
    const chunk = variable('c', chunks);
    const at = flatten([entry, chunk, state, channel], [batch, chunks, states, channels]);
    const end = builder.load(ends, at);
    const total = builder.load(totals, flatten([entry, chunk, channel], [batch, chunks, channels]));
    builder.write(ends, at, 'h');
    builder.line(`h = fma(exp(${total} * ${factor}), h, ${end});`);
  });
  return builder.finish({ x: batch * states * channels }, 4 * ends.size);
}

/** The outputs of each chunk from its start state, which becomes an output too. */
function chunkOutputs(lowering: Lowering, { dt, u, a, bc }: Inputs, starts: Tensor, y: Tensor, saved: Tensor): Call {
  const sizes = scanSizes(dt.shape, a.shape);
  const { batch, chunks, channels, states } = sizes;
  const keep = lowering.outputs.includes(saved);
  const builder = lowering.kernel('scan_outputs');
  const walk = new ChunkWalk(builder, sizes, variable('ix', batch * chunks * channels), channels);
  const { times, driven } = noteSteps(builder, walk, dt, u);
  const sums = walk.notes('sum');
  walk.eachState((state) => {
    const factor = builder.load(a, flatten([walk.last, state], a.shape));
    const at = [walk.batch, walk.chunk, state, walk.last];
    const start = builder.load(starts, flatten(at, [batch, chunks, states, channels]));
    if (keep) builder.write(saved, flatten(at, saved.shape), start);
    builder.line(`var h = ${start};`);
    walk.eachStep((step) => {
      const { k } = step;
      const c = walk.load(bc, step, add(state, constant(states)));
      builder.line(`h = fma(exp(${times}[${k}] * ${factor}), h, ${driven}[${k}] * ${walk.load(bc, step, state)});`);
      builder.line(`${sums}[${k}] = fma(${c}, h, ${sums}[${k}]);`);
    });
    if (keep) {
      builder.block(`if (${code(walk.chunk)} == ${chunks - 1}u)`, () => {
        builder.write(saved, flatten([walk.batch, constant(chunks), state, walk.last], saved.shape), 'h');
      });
    }
  });
  walk.eachStep((step) => {
    walk.whereInside(step, () => {
      const at = flatten([walk.batch, step.time, walk.last], y.shape);
      builder.store([[y, builder.let(`${sums}[${step.k}]`)]], at);
    });
  });
  return builder.finish({ x: batch * chunks * channels }, 10 * dt.size * states);
}

/**
 * The recurrence alone: dt and u [batch, length, channels], a [channels, states], b and c [batch, length, states].
 * Returns y like u and the state after the last position [batch, channels, states].
 */
export function scan(dt: Tensor, u: Tensor, a: Tensor, b: Tensor, c: Tensor): { y: Tensor; lastState: Tensor } {
  // One tensor for both: some kernels of the backward pass read as many tensors as a kernel may bind.
  const both = copy(concat([b, c], 2));
  const [y, states] = dt.node.graph.apply(scanOp, [dt, u, a, both], null) as readonly [Tensor, Tensor];
  const [batch = 1, rows = 1, width = 1, channels = 1] = states.shape;
  const last = reshape(slice(states, 1, rows - 1, 1), [batch, width, channels]);
  return { y, lastState: transpose(last, 1, 2) };
}
