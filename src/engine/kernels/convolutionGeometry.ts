// Where a convolution's windows lie: from an output and a tap to an input, and from an input back to outputs.
//
// Input position = output position × stride + tap × dilation − padding, axis by axis.
import { add, constant, scale, type Guard, type Index } from '../graph/indexing';

/** Sizes along the spatial axes; all lists have one entry per axis. */
export interface Geometry {
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

/** Channels of the image, outputs, and the groups that both are split into. */
export interface Channels {
  readonly inputs: number;
  readonly outputs: number;
  readonly groups: number;
}

/** Gives a position that its guard holds within its axis another name, of which that is known. */
export type Bound = (at: Index, guard: number) => Index;

interface Positions {
  readonly at: readonly Index[];
  readonly guards: readonly Guard[];
}

/** Input positions that outputs see through taps. Positions outside the input fail their guard. */
export function inputsOf(
  { input, padding, stride, dilation }: Geometry,
  outputs: readonly Index[],
  taps: readonly Index[],
  bound: Bound = (at) => at,
): Positions {
  // Counted from the start of the padding, so that no guard looks at a negative number.
  const padded = outputs.map((one, axis) =>
    add(scale(one, stride[axis] ?? 1), scale(taps[axis] ?? constant(0), dilation[axis] ?? 1)),
  );
  return {
    at: padded.map((one, axis) => bound(add(one, constant(-(padding[axis] ?? 0))), axis)),
    guards: padded.map((at, axis) => {
      const low = padding[axis] ?? 0;
      return { at, low, high: low + (input[axis] ?? 1) };
    }),
  };
}

/**
 * The way back, for gradients of the input. With stride s the inputs fall into s phases per axis, each of which only
 * every s-th tap reaches: then every phase is a dense sum with fewer taps.
 */
export interface Phases {
  /** Per axis: phases, input positions per phase, taps per phase. */
  readonly count: readonly number[];
  readonly positions: readonly number[];
  readonly taps: readonly number[];
}

export function phasesOf({ input, kernel, stride, padding }: Geometry): Phases {
  const first = (axis: number): number => Math.floor((padding[axis] ?? 0) / (stride[axis] ?? 1));
  return {
    count: stride,
    positions: input.map(
      (size, axis) => Math.floor(((padding[axis] ?? 0) + size - 1) / (stride[axis] ?? 1)) - first(axis) + 1,
    ),
    taps: kernel.map((size, axis) => Math.ceil(size / (stride[axis] ?? 1))),
  };
}

/** Input positions of a phase; some lie outside the input. */
export function phaseInputs(
  { input, padding, stride }: Geometry,
  phase: readonly Index[],
  positions: readonly Index[],
): Positions {
  const padded = positions.map((one, axis) => {
    const s = stride[axis] ?? 1;
    const first = Math.floor((padding[axis] ?? 0) / s);
    return add(scale(add(one, constant(first)), s), phase[axis] ?? constant(0));
  });
  return {
    at: padded.map((one, axis) => add(one, constant(-(padding[axis] ?? 0)))),
    guards: padded.map((at, axis) => {
      const low = padding[axis] ?? 0;
      return { at, low, high: low + (input[axis] ?? 1) };
    }),
  };
}

/** Taps of a phase. */
export function phaseTaps({ kernel, stride }: Geometry, phase: readonly Index[], taps: readonly Index[]): Positions {
  const at = taps.map((one, axis) => add(scale(one, stride[axis] ?? 1), phase[axis] ?? constant(0)));
  return { at, guards: at.map((one, axis) => ({ at: one, low: 0, high: kernel[axis] ?? 1 })) };
}

/** Outputs that see a phase's input positions through its taps. */
export function phaseOutputs(
  geometry: Geometry,
  positions: readonly Index[],
  taps: readonly Index[],
  bound: Bound = (at) => at,
): Positions {
  const { output, padding, stride, dilation } = geometry;
  const most = phasesOf(geometry).taps;
  const shifted = positions.map((one, axis) => {
    const reach = dilation[axis] ?? 1;
    const first = Math.floor((padding[axis] ?? 0) / (stride[axis] ?? 1));
    const last = ((most[axis] ?? 1) - 1) * reach;
    return { last, at: add(add(one, constant(first + last)), scale(taps[axis] ?? constant(0), -reach)) };
  });
  return {
    at: shifted.map(({ at, last }, axis) => bound(add(at, constant(-last)), axis)),
    guards: shifted.map(({ at, last }, axis) => ({ at, low: last, high: last + (output[axis] ?? 1) })),
  };
}
