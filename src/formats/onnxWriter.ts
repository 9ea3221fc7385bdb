// Writes ONNX models: the few messages of onnx.proto3 that a graph with its weights needs (read on 2026-11-29).
import { joinedBytes } from './joined';

/** What an attribute of a node may be; numbers with a fraction are `{ float }`. */
export type OnnxAttribute = number | string | readonly number[] | { readonly float: number };

export interface OnnxNode {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** BigInt64Array for lists of sizes and axes. */
  readonly values: Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>;
}

/** An f32 input or output. */
export interface OnnxValue {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface OnnxGraph {
  readonly name: string;
  readonly opset: number;
  readonly nodes: readonly OnnxNode[];
  readonly weights: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
}

const FLOAT = 1;
const INT64 = 7;
/** The oldest that opset 17 goes with. */
const IR_VERSION = 8;

/** Bytes of a message, or of parts of one. */
type Bytes = readonly Uint8Array[];

export function writeOnnx({ name, opset, nodes, weights, inputs, outputs }: OnnxGraph): Uint8Array<ArrayBuffer> {
  const graph = [
    ...nodes.flatMap((node) => message(1, nodeBytes(node))),
    ...text(2, name),
    ...weights.flatMap((tensor) => message(5, tensorBytes(tensor))),
    ...inputs.flatMap((value) => message(11, valueBytes(value))),
    ...outputs.flatMap((value) => message(12, valueBytes(value))),
  ];
  const parts = [
    ...integer(1, IR_VERSION),
    ...text(2, 'tabtune'),
    ...message(7, graph),
    ...message(8, [...text(1, ''), ...integer(2, opset)]),
  ];
  return joinedBytes(parts);
}

function nodeBytes({ type, inputs, output, attributes = {} }: OnnxNode): Bytes {
  return [
    ...inputs.flatMap((input) => text(1, input)),
    ...text(2, output),
    ...text(3, output),
    ...text(4, type),
    ...Object.entries(attributes).flatMap(([key, value]) => message(5, [...text(1, key), ...attributeBytes(value)])),
  ];
}

function attributeBytes(value: OnnxAttribute): Bytes {
  if (typeof value === 'number') return [...integer(3, value), ...integer(20, 2)];
  if (typeof value === 'string') return [...text(4, value), ...integer(20, 3)];
  if ('float' in value) return [...single(2, value.float), ...integer(20, 1)];
  return [...value.flatMap((one) => integer(8, one)), ...integer(20, 7)];
}

function tensorBytes({ name, shape, values }: OnnxTensor): Bytes {
  return [
    ...shape.flatMap((size) => integer(1, size)),
    ...integer(2, values instanceof Float32Array ? FLOAT : INT64),
    ...text(8, name),
    ...message(9, [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)]),
  ];
}

function valueBytes({ name, shape }: OnnxValue): Bytes {
  const dimensions = shape.flatMap((size) => message(1, integer(1, size)));
  return [...text(1, name), ...message(2, message(1, [...integer(1, FLOAT), ...message(2, dimensions)]))];
}

function message(field: number, parts: Bytes): Bytes {
  return [varint((field << 3) | 2), varint(sizeOf(parts)), ...parts];
}

function text(field: number, value: string): Bytes {
  return message(field, [new TextEncoder().encode(value)]);
}

function integer(field: number, value: number): Bytes {
  return [varint(field << 3), varint(value)];
}

function single(field: number, value: number): Bytes {
  return [varint((field << 3) | 5), new Uint8Array(Float32Array.of(value).buffer)];
}

/** Seven bits a byte, the lowest first; negative numbers as 64 bits. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Uint8Array.of(...bytes, Number(rest));
}

function sizeOf(parts: Bytes): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}
