// The selective scan of Mamba (Gu and Dao 2023, "Mamba: linear-time sequence modeling with selective state spaces").
import type { Tensor } from '../graph/tensor';
import { silu, softplus } from './activation';
import { add, multiply, multiplyAdd } from './arithmetic';
import { scan } from './scan';

interface SelectiveScanOptions {
  /** Skip connection [channels]: y gains d · u. */
  readonly d?: Tensor;
  /** Gate like u: y is multiplied by silu(z). */
  readonly z?: Tensor;
  /** Added to delta [channels]. */
  readonly deltaBias?: Tensor;
  /** softplus(delta + deltaBias) is the step size, not delta + deltaBias itself. */
  readonly deltaSoftplus?: boolean;
}

/**
 * As selective_scan_fn of the package mamba-ssm, with tokens before channels: u and delta [batch, length, channels],
 * a [channels, states], b and c [batch, length, states]. Returns y like u, and the state after the last position
 * [batch, channels, states].
 */
export function selectiveScan(
  u: Tensor,
  delta: Tensor,
  a: Tensor,
  b: Tensor,
  c: Tensor,
  { d, z, deltaBias, deltaSoftplus = false }: SelectiveScanOptions = {},
): { y: Tensor; lastState: Tensor } {
  const shifted = deltaBias ? add(delta, deltaBias) : delta;
  const { y: mixed, lastState } = scan(deltaSoftplus ? softplus(shifted) : shifted, u, a, b, c);
  const y = d ? multiplyAdd(d, u, mixed) : mixed;
  return { y: z ? multiply(y, silu(z)) : y, lastState };
}
