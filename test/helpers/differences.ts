// Judges an op by a plain float64 loop: its outputs, and its gradients by central differences of that loop.
import { expect } from 'vitest';
import { hashValues } from './hashValues';
import { runGraph, targets, type Value } from './runGraph';
import type { Graph } from '../../src/engine/graph/graph';
import { sizeOf, type Shape, type Tensor } from '../../src/engine/graph/tensor';

type Arrays = Readonly<Record<string, Float64Array>>;

export interface OpCase {
  /** Shapes of the inputs by name; their values follow from the names. */
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly body: (graph: Graph, inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>;
  /** The same in float64, flat. */
  readonly reference: (inputs: Arrays) => Arrays;
  /** Inputs whose gradients are compared. */
  readonly gradients?: readonly string[];
  /** Outputs that the gradients are of; all by default. */
  readonly differentiated?: readonly string[];
  /** Turns hash values in [-1, 1) into what an input shall hold. */
  readonly values?: Readonly<Record<string, (value: number, index: number) => number>>;
  /** Compares on the plain target only, where variants take Mesa long to compile. */
  readonly quick?: boolean;
  readonly tolerance?: number;
  readonly gradientTolerance?: number;
}

const SAMPLES = 12;

/** Runs the case on every target and expects the reference's values. */
export async function expectReference(device: GPUDevice, one: OpCase): Promise<void> {
  const { tolerance = 2e-6, gradientTolerance = 2e-5, gradients = [] } = one;
  const inputs: Record<string, Value> = {};
  const exact: Record<string, Float64Array> = {};
  for (const [name, shape] of Object.entries(one.inputs)) {
    const convert = one.values?.[name] ?? ((value: number): number => value);
    const data = Float32Array.from(hashValues(name, sizeOf(shape)), convert);
    inputs[name] = { shape, data };
    exact[name] = Float64Array.from(data);
  }
  const wanted = one.reference(exact);
  const cotangents = Object.fromEntries(
    Object.entries(wanted)
      .filter(([name]) => one.differentiated?.includes(name) ?? true)
      .map(([name, { length }]) => [name, Float32Array.from(hashValues(`d${name}`, length))]),
  );
  for (const { name: variant, target } of targets(device).slice(0, one.quick ? 1 : undefined)) {
    const got = await runGraph(device, target, inputs, one.body, gradients.length > 0 ? cotangents : {}, gradients);
    for (const [name, values] of Object.entries(wanted)) {
      expectClose(`${name}${variant}`, got.outputs[name] ?? new Float32Array(), values, tolerance);
    }
    for (const name of gradients) {
      const picked = samples(exact[name] as Float64Array);
      const found = picked.map((at) => got.gradients[name]?.[at] ?? NaN);
      const slopes = picked.map((at) => slope(one, exact, cotangents, name, at));
      expectClose(`gradient of ${name}${variant}`, found, slopes, gradientTolerance);
    }
  }
}

/** Expects |got − want| within `tolerance` of the largest wanted value (at least 1). */
function expectClose(name: string, got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): void {
  expect(got.length, name).toBe(want.length);
  let scale = 1;
  for (let i = 0; i < want.length; i++) scale = Math.max(scale, Math.abs(want[i]!));
  for (let i = 0; i < want.length; i++) {
    const difference = Math.abs(got[i]! - want[i]!);
    if (!(difference <= tolerance * scale)) expect.fail(`${name}[${i}] is ${got[i]!}, not ${want[i]!}`);
  }
}

function samples({ length }: Float64Array): number[] {
  const step = Math.max(1, Math.floor(length / SAMPLES));
  return Array.from({ length: Math.ceil(length / step) }, (_, k) => Math.min(length - 1, k * step + (k % step)));
}

function slope(
  one: OpCase,
  exact: Arrays,
  cotangents: Readonly<Record<string, Float32Array>>,
  name: string,
  at: number,
): number {
  const step = 1e-5;
  const lossAt = (shift: number): number => {
    const moved = Float64Array.from(exact[name] as Float64Array);
    moved[at] = moved[at]! + shift;
    let loss = 0;
    for (const [output, values] of Object.entries(one.reference({ ...exact, [name]: moved }))) {
      const weights = cotangents[output];
      if (!weights) continue;
      for (let i = 0; i < values.length; i++) loss += values[i]! * weights[i]!;
    }
    return loss;
  };
  return (lossAt(step) - lossAt(-step)) / (2 * step);
}
