// Convolutions over any number of axes, with stride, padding, dilation and groups; depthwise ones have their own kernel.
//
// The kernels work on images with channels last; weights come as PyTorch stores them, [outputs, inputs of a group,
// ...taps], and are laid out as [...taps, inputs, outputs] by one small copy.
import { ShapeError } from '../graph/graph';
import { flatten } from '../graph/indexing';
import { defineOp } from '../graph/op';
import type { KernelOp } from '../kernels/lowering';
import { shapeText, type Shape, type Tensor } from '../graph/tensor';
import { lowerConvolution, lowerInputGradient, lowerWeightGradient } from '../kernels/convolution';
import type { Channels, Geometry } from '../kernels/convolutionGeometry';
import { add, copy } from './arithmetic';
import { linear } from './matmul';
import { permute, reshape } from './view';

/** As torch.nn.functional.conv1d, conv2d and conv3d; single numbers hold for all axes. */
export interface ConvolutionOptions {
  readonly stride?: number | readonly number[];
  readonly padding?: number | readonly number[];
  readonly dilation?: number | readonly number[];
  readonly groups?: number;
  /** Where x and y have their channels: [N, C, …] or [N, …, C]. */
  readonly channels?: 'first' | 'last';
}

interface Attributes {
  readonly geometry: Geometry;
  readonly channels: Channels;
}

const outputShape = (n: number, { geometry, channels }: Attributes): Shape => [n, ...geometry.output, channels.outputs];

/** x [N, …, C] and the kernel [...taps, C / groups, O] → y [N, …, O]. */
const convolutionOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'convolution',
  kind: 'kernel',
  halves: [0],
  type: ([x], attributes) => [{ shape: outputShape(x?.shape[0] ?? 1, attributes), dtype: 'f32' }],
  gradient({ inputs: [x, weight], attributes, gradients: [dy], wanted }) {
    const [input, kernel, flow] = [x, weight, dy] as [Tensor, Tensor, Tensor];
    const { graph } = flow.node;
    return [
      wanted[0] ? graph.one(inputGradientOp, [flow, kernel], attributes) : null,
      wanted[1] ? graph.one(weightGradientOp, [input, flow], attributes) : null,
    ];
  },
  lower: (lowering, [x, weight], { geometry, channels }, [y]) =>
    lowerConvolution(lowering, geometry, channels, [x as Tensor, weight as Tensor], y as Tensor),
});

/** dy and the kernel → dx. */
const inputGradientOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'convolutionInputGradient',
  kind: 'kernel',
  halves: [0],
  type: ([dy], { geometry, channels }) => [
    { shape: [dy?.shape[0] ?? 1, ...geometry.input, channels.inputs], dtype: 'f32' },
  ],
  lower: (lowering, [dy, weight], { geometry, channels }, [dx]) =>
    lowerInputGradient(lowering, geometry, channels, [dy as Tensor, weight as Tensor], dx as Tensor),
});

/** x and dy → the kernel's gradient. */
const weightGradientOp = defineOp<Attributes, KernelOp<Attributes>>({
  name: 'convolutionWeightGradient',
  kind: 'kernel',
  type: (_inputs, { geometry, channels: { inputs, outputs, groups } }) => [
    { shape: [...geometry.kernel, inputs / groups, outputs], dtype: 'f32' },
  ],
  summable([, dy], { channels: { inputs, outputs: size, groups } }) {
    if (!dy || groups > 1 || inputs === 1 || size === 1) return [];
    const terms = dy.size / size;
    return [{ operand: 'right', tensor: dy, size, terms, at: (own, term) => flatten([term, own], [terms, size]) }];
  },
  lower: (lowering, [x, dy], { geometry, channels }, [dw]) =>
    lowerWeightGradient(lowering, geometry, channels, [x as Tensor, dy as Tensor], dw as Tensor),
});

/** Convolution of x [N, C, …] or [N, …, C] with weight [O, C / groups, ...taps]; bias [O]. Throws ShapeError. */
export function convolution(x: Tensor, weight: Tensor, bias?: Tensor | null, options: ConvolutionOptions = {}): Tensor {
  const axes = weight.shape.length - 2;
  const last = options.channels === 'last';
  if (axes < 1 || x.shape.length !== axes + 2) {
    throw new ShapeError(`input ${shapeText(x.shape)} and weight ${shapeText(weight.shape)} do not go together`);
  }
  const toLast = [0, ...Array.from({ length: axes }, (_, k) => k + 2), 1];
  const image = last ? x : copy(permute(x, toLast));
  const attributes = attributesOf(image.shape, weight.shape, options);
  const y = apply(image, weight, attributes);
  const whole = bias ? add(y, bias) : y;
  return last ? whole : permute(whole, [0, axes + 1, ...Array.from({ length: axes }, (_, k) => k + 1)]);
}

function apply(image: Tensor, weight: Tensor, attributes: Attributes): Tensor {
  const { geometry, channels } = attributes;
  const { kernel, stride, padding } = geometry;
  const single = [...kernel, ...stride].every((size) => size === 1) && padding.every((size) => size === 0);
  if (single && channels.groups === 1) return linear(image, reshape(weight, [channels.outputs, channels.inputs]));
  const axes = kernel.length;
  const toLast = [...Array.from({ length: axes }, (_, k) => k + 2), 1, 0];
  return image.node.graph.one(convolutionOp, [image, copy(permute(weight, toLast))], attributes);
}

/** Sizes along every axis, checked. `image` has its channels last. */
function attributesOf(image: Shape, weight: Shape, options: ConvolutionOptions): Attributes {
  const input = image.slice(1, -1);
  const kernel = weight.slice(2);
  const every = (value: number | readonly number[] | undefined, otherwise: number): number[] => {
    const list = typeof value === 'object' ? [...value] : input.map(() => value ?? otherwise);
    if (list.length !== input.length) throw new ShapeError(`${list.length} numbers for ${input.length} axes`);
    return list;
  };
  const stride = every(options.stride, 1);
  const padding = every(options.padding, 0);
  const dilation = every(options.dilation, 1);
  const groups = options.groups ?? 1;
  const [inputs = 1, outputs = 1] = [image[image.length - 1], weight[0]];
  if (inputs % groups !== 0 || outputs % groups !== 0 || weight[1] !== inputs / groups) {
    throw new ShapeError(
      `weight ${shapeText(weight)} does not take ${inputs} channels in ${groups} ${groups === 1 ? 'group' : 'groups'}`,
    );
  }
  if (stride.some((step, axis) => step > 1 && (dilation[axis] ?? 1) > 1)) {
    throw new ShapeError('stride and dilation above 1 on the same axis are not supported');
  }
  const output = input.map((size, axis) => {
    const reach = ((kernel[axis] ?? 1) - 1) * (dilation[axis] ?? 1) + 1;
    const room = size + 2 * (padding[axis] ?? 0) - reach;
    if (room < 0) throw new ShapeError(`a kernel of reach ${reach} does not fit ${size} positions of axis ${axis}`);
    return Math.floor(room / (stride[axis] ?? 1)) + 1;
  });
  return {
    geometry: { input, output, kernel, stride, padding, dilation },
    channels: { inputs, outputs, groups },
  };
}
