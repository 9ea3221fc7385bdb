// The mixer of a Mamba block (Gu and Dao 2023, "Mamba"), with the parameter names of mamba_ssm's Mamba.
import type { Initializer } from '../engine/graph/graph';
import { defaultInitializer, ones, type Parameters } from '../engine/graph/parameters';
import type { Tensor } from '../engine/graph/tensor';
import { silu } from '../engine/ops/activation';
import { exp, negate } from '../engine/ops/arithmetic';
import { causalConv1d } from '../engine/ops/causalConv1d';
import { linear } from '../engine/ops/matmul';
import { selectiveScan } from '../engine/ops/selectiveScan';
import { slice } from '../engine/ops/view';

/** Weights of one mixer: `inner` channels inside, `states` per channel, step sizes through `rank` numbers. */
interface MambaWeights {
  /** [2 · inner, channels]: the path through the scan, then the gate. */
  readonly inProj: Tensor;
  /** [inner, 1, taps] and [inner]. */
  readonly convWeight: Tensor;
  readonly convBias: Tensor;
  /** [rank + 2 · states, inner]: step size, B, C. */
  readonly xProj: Tensor;
  /** [inner, rank] and [inner]. */
  readonly dtWeight: Tensor;
  readonly dtBias: Tensor;
  /** [inner, states]: A = −exp(aLog). */
  readonly aLog: Tensor;
  readonly d: Tensor;
  /** [channels, inner]. */
  readonly outProj: Tensor;
}

/** x [batch, length, channels] through a mixer with given weights; the same shape comes out. */
export function mambaMixer(x: Tensor, weights: MambaWeights): Tensor {
  const { inProj, convWeight, convBias, xProj, dtWeight, dtBias, aLog, d, outProj } = weights;
  const [inner = 1, states = 1] = aLog.shape;
  const rank = dtWeight.shape[1] ?? 1;
  const both = linear(x, inProj);
  const u = silu(causalConv1d(slice(both, 2, 0, inner), convWeight, convBias));
  const chosen = linear(u, xProj);
  const { y } = selectiveScan(
    u,
    linear(slice(chosen, 2, 0, rank), dtWeight),
    negate(exp(aLog)),
    slice(chosen, 2, rank, states),
    slice(chosen, 2, rank + states, states),
    { d, z: slice(both, 2, inner, inner), deltaBias: dtBias, deltaSoftplus: true },
  );
  return linear(y, outProj);
}

/** softplus⁻¹ of step sizes from 0.001 to 0.1, evenly spaced by logarithm where upstream draws them. */
function stepSizes(inner: number): Initializer {
  const steps = Array.from({ length: inner }, (_, k) => 10 ** (-3 + (2 * (k + 0.5)) / inner));
  return { kind: 'data', data: Float32Array.from(steps, (step) => step + Math.log(-Math.expm1(-step))) };
}

interface MambaOptions {
  /** States per channel, 16 by default. */
  readonly states?: number;
  /** Positions that the convolution sees, 4 by default. */
  readonly taps?: number;
  /** Inner channels per channel, 2 by default. */
  readonly expand?: number;
}

/** A mixer over x [batch, length, channels] with trained parameters. */
export function mamba(p: Parameters, x: Tensor, { states = 16, taps = 4, expand = 2 }: MambaOptions = {}): Tensor {
  const channels = x.shape[2] ?? 1;
  const inner = expand * channels;
  const rank = Math.ceil(channels / 16);
  const rates = Float32Array.from({ length: inner * states }, (_, k) => Math.log((k % states) + 1));
  const bound = 1 / Math.sqrt(rank);
  return mambaMixer(x, {
    inProj: p.at('in_proj').weight('weight', [2 * inner, channels], defaultInitializer(channels)),
    convWeight: p.at('conv1d').weight('weight', [inner, 1, taps], defaultInitializer(taps)),
    convBias: p.at('conv1d').weight('bias', [inner], defaultInitializer(taps)),
    xProj: p.at('x_proj').weight('weight', [rank + 2 * states, inner], defaultInitializer(inner)),
    dtWeight: p.at('dt_proj').weight('weight', [inner, rank], { kind: 'uniform', bound }),
    dtBias: p.at('dt_proj').weight('bias', [inner], stepSizes(inner)),
    aLog: p.weight('A_log', [inner, states], { kind: 'data', data: rates }),
    d: p.weight('D', [inner], ones),
    outProj: p.at('out_proj').weight('weight', [channels, inner], defaultInitializer(inner)),
  });
}
