// A host stage: small values of a step come to JavaScript, and what it makes of them is read by the rest of the step.
import type { HostOp } from './op';
import type { TensorType } from './tensor';

export type HostValues = Readonly<Record<string, Float32Array | Uint32Array>>;

export interface HostAttributes {
  readonly name: string;
  /** Names of the node's inputs, in order. */
  readonly reads: readonly string[];
  /** Names and types of its outputs, in order. */
  readonly gives: readonly (readonly [name: string, type: TensorType])[];
  /** `inputs` are the values that the stage reads, `batch` the arrays of the batch under way by input name. */
  readonly run: (inputs: HostValues, batch: HostValues) => HostValues;
}

export const hostOp: HostOp<HostAttributes> = {
  name: 'host',
  kind: 'host',
  type: (_inputs, { gives }) => gives.map(([, type]) => type),
  gradient: ({ inputs }) => inputs.map(() => null),
};
