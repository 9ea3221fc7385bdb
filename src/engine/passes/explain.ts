// Says where a planned program's memory goes: what is alive at the peak, what of it waits for the backward pass.
import type { Shape } from '../graph/tensor';
import type { PlannedProgram } from './plan';

/** A tensor that is alive at the peak. */
export interface AliveTensor {
  readonly path: string;
  readonly op: string;
  readonly shape: Shape;
  readonly bytes: number;
  /** Numbers of the dispatches that first and last touch it. */
  readonly first: number;
  readonly last: number;
}

export interface Explanation {
  /** Number and name of the dispatch at which most bytes are alive. */
  readonly dispatch: number;
  readonly label: string;
  /** Bytes alive there: no placement can need less. */
  readonly peakBytes: number;
  /** Bytes of the arenas as placed. */
  readonly arenaBytes: number;
  /** Everything alive there, largest first. */
  readonly alive: readonly AliveTensor[];
  /** Bytes at the peak that only wait for a later reader: what recompute could save at most. */
  readonly waitingBytes: number;
  /** Those bytes by the first two parts of their paths, largest first. */
  readonly waiting: readonly { readonly path: string; readonly bytes: number }[];
}

/** Explains the temporaries of one program; weights, gradients and optimiser lie elsewhere and last for the run. */
export function explain(plan: PlannedProgram): Explanation {
  const { lives, busiest: dispatch } = plan.memory;
  const alive = lives
    .flatMap(({ spans, bytes }) =>
      spans.map(({ tensor, first, last }): AliveTensor => {
        const { path, op } = tensor.node;
        return { path, op: op.name, shape: tensor.shape, bytes, first, last };
      }),
    )
    .filter(({ first, last }) => first <= dispatch && dispatch <= last)
    .sort((a, b) => b.bytes - a.bytes || a.first - b.first);
  const waiting = new Map<string, number>();
  for (const { path, bytes, first, last } of alive) {
    if (first === dispatch || last === dispatch) continue;
    const place = path
      .split(/ > |\./)
      .slice(0, 2)
      .join('.');
    waiting.set(place, (waiting.get(place) ?? 0) + bytes);
  }
  const total = (list: readonly { readonly bytes: number }[]): number =>
    list.reduce((sum, { bytes }) => sum + bytes, 0);
  const byPlace = [...waiting].map(([path, bytes]) => ({ path, bytes })).sort((a, b) => b.bytes - a.bytes);
  return {
    dispatch,
    label: plan.calls[dispatch]?.label ?? '',
    peakBytes: total(alive),
    arenaBytes: plan.memory.arenaBytes.reduce((sum, bytes) => sum + bytes, 0),
    alive,
    waitingBytes: total(byPlace),
    waiting: byPlace,
  };
}

/** The explanation as lines of text. */
export function explanationText(explanation: Explanation, most = 12): string[] {
  const size = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(2).padStart(9)} MiB`;
  const { dispatch, label, peakBytes, arenaBytes, alive, waitingBytes, waiting } = explanation;
  return [
    `peak at dispatch ${dispatch}, ${label}`,
    `${size(peakBytes)}  alive there; ${size(arenaBytes).trim()} as placed`,
    `${size(waitingBytes)}  of it waits for a later reader: what recompute could save at most`,
    ...waiting.slice(0, most).map(({ path, bytes }) => `${size(bytes)}    ${path || 'the model itself'}`),
    'largest tensors at the peak',
    ...alive
      .slice(0, most)
      .map(({ bytes, path, op, shape }) => `${size(bytes)}    ${path} > ${op} [${shape.join(', ')}]`),
  ];
}
