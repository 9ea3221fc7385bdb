// Numbers that are baked into a kernel's text instead of being bound as a buffer.
import { constantOp, type ConstantAttributes } from '../graph/graph';
import type { DType, Tensor } from '../graph/tensor';

/** Whether the tensor is a constant with one value for all elements. */
export function isLiteral(tensor: Tensor): boolean {
  return (
    (tensor.node.op as unknown) === constantOp &&
    typeof (tensor.node.attributes as ConstantAttributes).data === 'number'
  );
}

/** WGSL literal that keeps every bit of an f32. */
export function literal(value: number, dtype: DType): string {
  if (dtype === 'u32') return `${value}u`;
  const rounded = Math.fround(value);
  const text = Number.isInteger(rounded) && Math.abs(rounded) < 1e9 ? `${rounded}.0` : rounded.toPrecision(9);
  const full = /[.e]/.test(text) ? `${text}f` : `${text}.0f`;
  return rounded < 0 ? `(${full})` : full;
}
