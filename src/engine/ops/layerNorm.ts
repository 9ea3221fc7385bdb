// Layer norm over the last axis: y = x̂ w + b, x̂ = (x − mean) rstd, rstd = 1 / √(biased variance + epsilon).
//
// dx = rstd (g − mean(g) − x̂ mean(g x̂)) with g = dy w; dw = Σ dy x̂ and db = Σ dy over all rows.
// The mean and rstd of each row are saved for the backward pass.
import { ShapeError } from '../graph/graph';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { shapeText, type Tensor } from '../graph/tensor';
import { lowerLayerNorm, lowerLayerNormGradient } from '../kernels/layerNorm';
import { multiply, subtract } from './arithmetic';
import type { Operand } from './pointwise';
import { sum } from './reduce';
import { expand } from './reduce';
import { reshape } from './view';

interface Attributes {
  readonly epsilon: number;
}

const layerNormOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'layerNorm',
  kind: 'kernel',
  halves: [0],
  type([x, weight, bias]) {
    const width = x?.shape[x.shape.length - 1];
    if (!x || weight?.shape.join() !== String(width) || bias?.shape.join() !== String(width)) {
      const [wanted, came] = [shapeText([width ?? 0]), shapeText(weight?.shape ?? [])];
      throw new ShapeError(`weight and bias ${wanted} for ${shapeText(x?.shape ?? [])} wanted, ${came} came`);
    }
    const rows = { shape: [...x.shape.slice(0, -1), 1], dtype: 'f32' } as const;
    return [{ shape: x.shape, dtype: 'f32' }, rows, rows];
  },
  gradient({ inputs: [x, weight], outputs: [, mean, rstd], gradients: [dy], wanted }) {
    const [input, flow, m, r] = [x, dy, mean, rstd] as [Tensor, Tensor, Tensor, Tensor];
    const leading = input.shape.slice(0, -1).map((_, axis) => axis);
    const xhat = (): Tensor => multiply(subtract(input, m), r);
    return [
      wanted[0] ? input.node.graph.one(layerNormGradientOp, [input, m, r, weight as Tensor, flow], null) : null,
      wanted[1] ? sum(multiply(flow, xhat()), leading) : null,
      wanted[2] ? sum(flow, leading) : null,
    ];
  },
  lower: (lowering, inputs, { epsilon }, outputs) =>
    lowerLayerNorm(lowering, inputs as [Tensor, Tensor, Tensor], epsilon, outputs as [Tensor, Tensor, Tensor]),
});

const layerNormGradientOp = defineOp<null, KernelOp<null>>({
  name: 'layerNormGradient',
  kind: 'kernel',
  halves: [0],
  type: ([x]) => [{ shape: x?.shape ?? [], dtype: 'f32' }],
  lower: (lowering, inputs, _attributes, [dx]) =>
    lowerLayerNormGradient(lowering, inputs as [Tensor, Tensor, Tensor, Tensor, Tensor], dx as Tensor),
});

/** Layer norm over the last axis, as torch.nn.functional.layer_norm; 1 and 0 stand for no weight and no bias. */
export function layerNorm(x: Tensor, weight: Operand, bias: Operand, epsilon = 1e-5): Tensor {
  const { graph } = x.node;
  const width = x.shape[x.shape.length - 1] ?? 1;
  const whole = (one: Operand): Tensor => expand(typeof one === 'number' ? graph.scalar(one) : one, [width]);
  const [y] = graph.apply(layerNormOp, [x, whole(weight), whole(bias)], { epsilon });
  return reshape(y as Tensor, x.shape);
}
