// The backward pass of the scan, parallel over time like the forward pass.
//
// With g_t = dy_t C_t + exp(dt_{t+1} A) g_{t+1}: dB = Σ_channels g dt u, dC = Σ_channels dy h, du = dt Σ_n g B,
// d(dt) = u Σ_n g B + Σ_n A w and dA = Σ dt w, where w_t = g_t exp(dt_t A) h_{t−1}.
// States inside a chunk are computed again from the chunk's start state; what flows into a chunk's end from later
// chunks is found first, as in the forward pass but back to front.
import { add as plus, code, constant, coordinates, flatten, scale, variable, type Index } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { sizeOf, type Shape, type Tensor } from '../graph/tensor';
import { sumParts } from '../kernels/partSums';
import { chunkCount } from '../kernels/reduce';
import { ChunkWalk, scanSizes } from '../kernels/scan';
import { sum } from './reduce';
import { expand } from './reduce';
import { reshape, slice, transpose } from './view';

/** dt, A, B and C, dy and perhaps d(states) → what flows into the end of each chunk. */
const flowOp = defineOp<null, KernelOp<null>>({
  name: 'scanFlow',
  kind: 'kernel',
  type([dt, a]) {
    const { batch, chunks, states, channels } = scanSizes(dt?.shape ?? [], a?.shape ?? []);
    return [{ shape: [batch, chunks, states, channels], dtype: 'f32' }];
  },
  lower(lowering, [times, factors, both, flow, dStates], _attributes, [output]) {
    const [dt, a, bc, dy, into] = [
      times as Tensor,
      factors as Tensor,
      both as Tensor,
      flow as Tensor,
      output as Tensor,
    ];
    const sizes = scanSizes(dt.shape, a.shape);
    const { batch, chunks, channels, states } = sizes;
    const out = lowering.scratch(into.size);
    const totals = lowering.scratch(batch * chunks * channels);

    // What each chunk alone gives to its start state.
    const first = lowering.kernel('scan_chunk_flow');
    const walk = new ChunkWalk(first, sizes, variable('ix', totals.size), channels);
    const [dts, dys] = [walk.notes('dt'), walk.notes('dy')];
    first.line('var total = 0.0;');
    walk.eachStep((step) => {
      const time = walk.loadInside(dt, step, walk.last);
      first.line(`total += ${time};`);
      first.line(`${dts}[${step.k}] = ${time};`);
      first.line(`${dys}[${step.k}] = ${walk.loadInside(dy, step, walk.last)};`);
    });
    first.write(totals, variable('ix', totals.size), 'total');
    walk.eachState((state) => {
      const factor = first.load(a, flatten([walk.last, state], a.shape));
      first.line('var g = 0.0;');
      walk.eachStep((step) => {
        const c = walk.load(bc, step, plus(state, constant(states)));
        first.line(`g = exp(${dts}[${step.k}] * ${factor}) * fma(${c}, ${dys}[${step.k}], g);`);
      }, 'backward');
      first.write(out, flatten([walk.batch, walk.chunk, state, walk.last], into.shape), 'g');
    });

    const second = lowering.kernel('scan_flow');
    const line = variable('ix', batch * states * channels);
    const [entry, state, channel] = coordinates(line, [batch, states, channels]) as [Index, Index, Index];
    const factor = second.load(a, flatten([channel, state], a.shape));
    const given = (chunk: Index): string =>
      dStates ? second.load(dStates, flatten([entry, chunk, state, channel], dStates.shape)) : '0.0';
    second.line(`var g = ${given(constant(chunks))};`);
    second.block(`for (var back = 0u; back < ${second.bound(chunks)}; back++)`, () => {
      const chunk = variable(second.let(`${chunks - 1}u - back`, 'chunk'), chunks);
      const at = flatten([entry, chunk, state, channel], into.shape);
      second.store([[into, second.let('g')]], at);
      const total = second.load(totals, flatten([entry, chunk, channel], [batch, chunks, channels]));
      second.line(`g = fma(exp(${total} * ${factor}), g, ${second.load(out, at)} + ${given(chunk)});`);
    });
    return [
      first.finish({ x: totals.size }, 8 * dt.size * states),
      second.finish({ x: line.maximum + 1 }, 4 * into.size),
    ];
  },
});

type Read = readonly (Tensor | undefined)[];

/** The inputs of the two ops below, by name. */
function named([dt, u, a, bc, dy, saved, into]: Read) {
  return {
    dt: dt as Tensor,
    u: u as Tensor,
    a: a as Tensor,
    bc: bc as Tensor,
    dy: dy as Tensor,
    saved: saved as Tensor,
    into: into as Tensor,
  };
}

/**
 * The gradients of dt and u, and of A for each chunk, one after the other in one tensor: with three, the kernel would
 * bind more than it may.
 */
const tokenGradientOp = defineOp<null, KernelOp<null>>({
  name: 'scanTokenGradient',
  kind: 'kernel',
  type: ([dt, , , , , , into]) => [{ shape: [2 * sizeOf(dt?.shape ?? []) + sizeOf(into?.shape ?? [])], dtype: 'f32' }],
  lower(lowering, inputs, _attributes, [output]) {
    const { dt, u, a, bc, dy, saved, into } = named(inputs);
    const packed = output as Tensor;
    const sizes = scanSizes(dt.shape, a.shape);
    const { batch, chunks, channels, states } = sizes;
    const builder = lowering.kernel('scan_token_gradient');
    const walk = new ChunkWalk(builder, sizes, variable('ix', batch * chunks * channels), channels);
    const [dts, us, dys] = [walk.notes('dt'), walk.notes('u'), walk.notes('dy')];
    walk.eachStep((step) => {
      builder.line(`${dts}[${step.k}] = ${walk.loadInside(dt, step, walk.last)};`);
      builder.line(`${us}[${step.k}] = ${walk.load(u, step, walk.last)};`);
      builder.line(`${dys}[${step.k}] = ${walk.loadInside(dy, step, walk.last)};`);
    });
    // Σ_n g B and Σ_n A w; exp(dt A) and its product with the state before.
    const [driven, decayed] = [walk.notes('driven'), walk.notes('decayed')];
    const [decays, held] = [walk.notes('decay'), walk.notes('held')];
    walk.eachState((state) => {
      const factor = builder.load(a, flatten([walk.last, state], a.shape));
      const at = [walk.batch, walk.chunk, state, walk.last];
      builder.line(`var h = ${builder.load(saved, flatten(at, saved.shape))};`);
      walk.eachStep((step) => {
        const { k } = step;
        builder.line(`${decays}[${k}] = exp(${dts}[${k}] * ${factor});`);
        builder.line(`${held}[${k}] = ${decays}[${k}] * h;`);
        builder.line(`h = fma(${dts}[${k}] * ${us}[${k}], ${walk.load(bc, step, state)}, ${held}[${k}]);`);
      });
      const from = flatten(at, into.shape);
      builder.line(`var g = ${builder.load(into, from)};`);
      builder.line('var da = 0.0;');
      walk.eachStep((step) => {
        const { k } = step;
        builder.line(`g = fma(${walk.load(bc, step, plus(state, constant(states)))}, ${dys}[${k}], g);`);
        builder.line(`${driven}[${k}] = fma(g, ${walk.load(bc, step, state)}, ${driven}[${k}]);`);
        builder.line(`let w = g * ${held}[${k}];`);
        builder.line(`${decayed}[${k}] = fma(${factor}, w, ${decayed}[${k}]);`);
        builder.line(`da = fma(${dts}[${k}], w, da);`);
        builder.line(`g *= ${decays}[${k}];`);
      }, 'backward');
      builder.store([[packed, 'da']], plus(from, constant(2 * dt.size)));
    });
    walk.eachStep((step) => {
      const { k } = step;
      walk.whereInside(step, () => {
        const at = flatten([walk.batch, step.time, walk.last], dt.shape);
        builder.store([[packed, builder.let(`fma(${us}[${k}], ${driven}[${k}], ${decayed}[${k}])`)]], at);
        builder.store([[packed, builder.let(`${dts}[${k}] * ${driven}[${k}]`)]], plus(at, constant(dt.size)));
      });
    });
    return [builder.finish({ x: batch * chunks * channels }, 20 * dt.size * states)];
  },
});

/** The gradient of B and C: each invocation sums over some of the channels. */
const projectionGradientOp = defineOp<null, KernelOp<null>>({
  name: 'scanProjectionGradient',
  kind: 'kernel',
  type: ([, , , bc]) => [{ shape: bc?.shape ?? [], dtype: 'f32' }],
  lower(lowering, inputs, _attributes, [output]) {
    const { dt, u, a, bc, dy, saved, into } = named(inputs);
    const dbc = output as Tensor;
    const sizes = scanSizes(dt.shape, a.shape);
    const { batch, chunks, channels, states } = sizes;
    const lines = batch * chunks * states;
    const wanted = chunkCount(lines, channels, lowering);
    const share = Math.ceil(channels / wanted);
    const parts = Math.ceil(channels / share);
    const partial = parts > 1 ? lowering.scratch(parts * dbc.size) : dbc;
    const partialShape: Shape = [parts, ...dbc.shape];

    const first = lowering.kernel('scan_projection_gradient');
    const [part, line] = coordinates(variable('ix', parts * lines), [parts, lines]) as [Index, Index];
    const walk = new ChunkWalk(first, sizes, line, states);
    const columns = [walk.last, plus(walk.last, constant(states))] as const;
    const [bs, cs] = [walk.notes('b'), walk.notes('c')];
    walk.eachStep((step) => {
      first.line(`${bs}[${step.k}] = ${walk.load(bc, step, columns[0])};`);
      first.line(`${cs}[${step.k}] = ${walk.load(bc, step, columns[1])};`);
    });
    const sums = [walk.notes('db'), walk.notes('dc')] as const;
    const [decays, driven, dys] = [walk.notes('decay'), walk.notes('driven'), walk.notes('dy')];
    const from = first.let(code(scale(part, share)), 'from');
    const end = first.let(`min(${from} + ${first.bound(share)}, ${channels}u)`, 'end');
    first.block(`for (var d = ${from}; d < ${end}; d++)`, () => {
      const channel = variable('d', channels);
      const factor = first.load(a, flatten([channel, walk.last], a.shape));
      const at = [walk.batch, walk.chunk, walk.last, channel];
      first.line(`var h = ${first.load(saved, flatten(at, saved.shape))};`);
      walk.eachStep((step) => {
        const { k } = step;
        const time = walk.loadInside(dt, step, channel);
        first.line(`${decays}[${k}] = exp(${time} * ${factor});`);
        first.line(`${driven}[${k}] = ${time} * ${walk.load(u, step, channel)};`);
        first.line(`${dys}[${k}] = ${walk.loadInside(dy, step, channel)};`);
        first.line(`h = fma(${decays}[${k}], h, ${driven}[${k}] * ${bs}[${k}]);`);
        first.line(`${sums[1]}[${k}] = fma(${dys}[${k}], h, ${sums[1]}[${k}]);`);
      });
      first.line(`var g = ${first.load(into, flatten(at, into.shape))};`);
      walk.eachStep(({ k }) => {
        first.line(`g = fma(${cs}[${k}], ${dys}[${k}], g);`);
        first.line(`${sums[0]}[${k}] = fma(g, ${driven}[${k}], ${sums[0]}[${k}]);`);
        first.line(`g *= ${decays}[${k}];`);
      }, 'backward');
    });
    walk.eachStep((step) => {
      walk.whereInside(step, () => {
        columns.forEach((column, which) => {
          const value = first.let(`${sums[which]}[${step.k}]`);
          const row = [walk.batch, step.time, column];
          if (parts > 1) first.write(partial, flatten([part, ...row], partialShape), value);
          else first.store([[dbc, value]], flatten(row, dbc.shape));
        });
      });
    });
    const call = first.finish({ x: parts * lines }, 20 * dt.size * states);
    if (parts === 1) return [call];

    const second = lowering.kernel('scan_projection_sum');
    const element = variable('ix', dbc.size);
    const [total] = sumParts(second, partial, { parts, size: dbc.size }, element, 1) as [string];
    second.store([[dbc, total]], element);
    return [call, second.finish({ x: dbc.size }, partial.size)];
  },
});

/** Gradients of dt, u, A, and B and C together; null where nothing flows back. */
export function scanGradients(
  [dt, u, a, bc]: readonly [Tensor, Tensor, Tensor, Tensor],
  saved: Tensor,
  dy: Tensor | null,
  dStates: Tensor | null,
): Tensor[] {
  const { graph } = dt.node;
  const flow = dy ?? expand(graph.scalar(0), dt.shape);
  const into = graph.one(flowOp, [dt, a, bc, flow, ...(dStates ? [dStates] : [])], null);
  const read = [dt, u, a, bc, flow, saved, into];
  const packed = graph.one(tokenGradientOp, read, null);
  const size = dt.size;
  const { batch, chunks, states, channels } = scanSizes(dt.shape, a.shape);
  const perChunk = reshape(slice(packed, 0, 2 * size, into.size), [batch * chunks, states, channels]);
  return [
    reshape(slice(packed, 0, 0, size), dt.shape),
    reshape(slice(packed, 0, size, size), dt.shape),
    transpose(sum(perChunk, [0]), 0, 1),
    graph.one(projectionGradientOp, read, null),
  ];
}
