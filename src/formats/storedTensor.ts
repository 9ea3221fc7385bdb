// One tensor as weight files keep it: element type, shape, row-major values.
import { UserError } from '../errors';
import { widenBfloat16, widenHalf } from './halfFloat';

/** The typed array that holds each element type; the names are those of .safetensors. */
export const elementArrays = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  F8_E4M3: Uint8Array,
  F8_E5M2: Uint8Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
  I32: Int32Array,
  U32: Uint32Array,
  I16: Int16Array,
  U16: Uint16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

export type Dtype = keyof typeof elementArrays;

/** Element storage of a tensor; 16-bit and 8-bit floats stay bit patterns (see `floatValues`). */
export type TensorData =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | BigUint64Array
  | Int32Array
  | Uint32Array
  | Int16Array
  | Uint16Array
  | Int8Array
  | Uint8Array;

/** One tensor, row-major; `data` owns its bytes. */
export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Number of elements of a shape; 1 for a scalar. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function bytesPerElement(dtype: Dtype): number {
  return elementArrays[dtype].BYTES_PER_ELEMENT;
}

/** A tensor over bytes that begin at the start of their buffer and are little-endian. */
export function tensorOver(dtype: Dtype, shape: readonly number[], bytes: Uint8Array<ArrayBuffer>): StoredTensor {
  return { dtype, shape, data: new elementArrays[dtype](bytes.buffer, bytes.byteOffset, countOf(shape)) };
}

/** The raw bytes of a tensor's values. */
export function bytesOf({ data }: StoredTensor): Uint8Array<ArrayBuffer> {
  return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
}

/** True for 16, 32 and 64-bit floats, which `floatValues` widens or narrows. */
export function isFloat(dtype: Dtype): boolean {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16' || dtype === 'F64';
}

/**
 * A tensor's values as float32, whatever floating or whole-number type stores them.
 * @throws UserError `tensor-not-float` for 8-bit floats.
 */
export function floatValues(tensor: StoredTensor): Float32Array<ArrayBuffer> {
  const { dtype, data } = tensor;
  if (data instanceof Float32Array) return data as Float32Array<ArrayBuffer>;
  if (dtype === 'F8_E4M3' || dtype === 'F8_E5M2')
    throw new UserError('tensor-not-float', `8-bit floats (${dtype}) are not supported; save as F16 or F32.`, {
      dtype,
    });
  if (data instanceof Uint16Array && dtype === 'F16') return widenHalf(data);
  if (data instanceof Uint16Array && dtype === 'BF16') return widenBfloat16(data);
  return Float32Array.from(data as ArrayLike<number | bigint>, Number);
}
