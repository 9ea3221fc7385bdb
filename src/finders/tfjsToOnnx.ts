// Turns a convolutional TensorFlow.js graph into an ONNX model, so that one runtime serves all finders.
// Channels go second: the input is taken [1, H, W, C] and turned once, outputs are turned back.
import { Bug, invariant } from '../errors';
import { writeOnnx, type OnnxNode, type OnnxTensor, type OnnxValue } from '../formats/onnxWriter';
import type { TfjsConstant, TfjsGraph, TfjsNode } from './tfjsGraph';

export interface GraphPart {
  /** The node whose output is given instead of computed, and its shape [1, H, W, C]. */
  readonly input: OnnxValue;
  /** Nodes whose outputs are wanted. */
  readonly outputs: readonly string[];
}

/** Of a node's output, channels first. */
type Shape = readonly [channels: number, height: number, width: number];

const activations: Readonly<Record<string, string>> = { Relu: 'Relu', Relu6: 'Clip' };

/** The part of the graph between its input, called `picture`, and outputs, which are [1, H, W, C], in the order of `part.outputs`, as `output0` and so on. */
export function tfjsToOnnx(graph: TfjsGraph, part: GraphPart): Uint8Array<ArrayBuffer> {
  const writer = new Writer(graph, part.input);
  const outputs = part.outputs.map((name, i) => writer.output(name, `output${i}`));
  const { nodes, weights } = writer;
  return writeOnnx({
    name: 'finder',
    opset: 17,
    nodes,
    weights,
    inputs: [{ ...part.input, name: 'picture' }],
    outputs,
  });
}

class Writer {
  readonly nodes: OnnxNode[] = [];
  readonly weights: OnnxTensor[] = [];
  readonly #graph: TfjsGraph;
  readonly #shapes = new Map<string, Shape>();

  constructor(graph: TfjsGraph, { name, shape }: OnnxValue) {
    this.#graph = graph;
    const [, height, width, channels] = shape as [number, number, number, number];
    this.#add('Transpose', ['picture'], name, { perm: [0, 3, 1, 2] });
    this.#shapes.set(name, [channels, height, width]);
  }

  output(name: string, as: string): OnnxValue {
    const [channels, height, width] = this.#value(name);
    this.#add('Transpose', [name], as, { perm: [0, 2, 3, 1] });
    return { name: as, shape: [1, height, width, channels] };
  }

  /** Writes a node and what it needs, once; gives the shape of its output. */
  #value(name: string): Shape {
    const known = this.#shapes.get(name);
    if (known) return known;
    const node = this.#graph.nodes.get(name);
    invariant(node, `the graph has no node ${name}`);
    const shape = this.#write(node);
    this.#shapes.set(name, shape);
    return shape;
  }

  #write(node: TfjsNode): Shape {
    const { name, op, inputs } = node;
    switch (op) {
      case '_FusedConv2D':
        return this.#convolution(node, [3, 2, 0, 1]);
      case 'DepthwiseConv2dNative':
      case 'FusedDepthwiseConv2dNative':
        return this.#convolution(node, [2, 3, 0, 1]);
      case 'AddV2': {
        const shape = this.#value(inputs[0]!);
        this.#value(inputs[1]!);
        this.#add('Add', inputs, name);
        return shape;
      }
      case 'Relu':
      case 'Sigmoid': {
        const shape = this.#value(inputs[0]!);
        this.#add(op, inputs, name);
        return shape;
      }
      case 'MaxPool': {
        const [channels, ...size] = this.#value(inputs[0]!);
        const [, down, across] = node.integers['strides'] as [number, number, number];
        const attributes = { kernel_shape: node.integers['ksize']!.slice(1, 3), strides: [down, across] };
        this.#add('MaxPool', [inputs[0]!], name, { ...attributes, auto_pad: padding(node) });
        return [channels, Math.ceil(size[0] / down), Math.ceil(size[1] / across)];
      }
      case 'Pad':
        return this.#pad(node);
      case 'ResizeBilinear':
        return this.#resize(node);
      default:
        throw new Bug(`no way to write ${op} (${name})`);
    }
  }

  /** `order` takes the kernel [H, W, I, O] to ONNX's [O, I, H, W]. */
  #convolution(node: TfjsNode, order: readonly number[]): Shape {
    const { name, op, inputs, integers, texts } = node;
    const [source, kernelName, biasName] = inputs as [string, string, string | undefined];
    const [channels, height, width] = this.#value(source);
    const kernel = turned(this.#constant(kernelName), order);
    this.weights.push({ name: `${name}/kernel`, ...kernel });
    const taken = [source, `${name}/kernel`];
    if (biasName !== undefined) {
      const { shape, values } = this.#constant(biasName);
      this.weights.push({ name: `${name}/bias`, shape, values });
      taken.push(`${name}/bias`);
    }
    const fused = (texts['fused_ops'] ?? []).filter((one) => one !== 'BiasAdd');
    const strides = integers['strides']!.slice(1, 3) as [number, number];
    const isDepthwise = op !== '_FusedConv2D';
    const attributes = { strides, auto_pad: padding(node), group: isDepthwise ? channels : 1 };
    this.#activated(fused, name, (as) => this.#add('Conv', taken, as, attributes));
    return [kernel.shape[0]!, Math.ceil(height / strides[0]), Math.ceil(width / strides[1])];
  }

  #activated(fused: readonly string[], name: string, write: (as: string) => void): void {
    if (fused.length === 0) {
      write(name);
      return;
    }
    const type = activations[fused[0]!];
    invariant(type !== undefined && fused.length === 1, `no way to write ${fused.join(', ')} (${name})`);
    write(`${name}/linear`);
    const bounds = type === 'Clip' ? [this.#scalar(0), this.#scalar(6)] : [];
    this.#add(type, [`${name}/linear`, ...bounds], name);
  }

  #pad({ name, inputs }: TfjsNode): Shape {
    const shape = this.#value(inputs[0]!);
    const { values } = this.#constant(inputs[1]!);
    const [before, after] = [0, 1].map((side) => [0, 3, 1, 2].map((axis) => values[2 * axis + side]!));
    this.weights.push({ name: `${name}/pads`, shape: [8], values: wholeNumbers([...before!, ...after!]) });
    this.#add('Pad', [inputs[0]!, `${name}/pads`], name);
    return [0, 1, 2].map((axis) => shape[axis]! + before![axis + 1]! + after![axis + 1]!) as unknown as Shape;
  }

  #resize({ name, inputs }: TfjsNode): Shape {
    const [channels, height, width] = this.#value(inputs[0]!);
    const [toHeight, toWidth] = this.#constant(inputs[1]!).values as unknown as [number, number];
    const scales = Float32Array.of(1, 1, toHeight / height, toWidth / width);
    this.weights.push({ name: `${name}/scales`, shape: [4], values: scales });
    this.#add('Resize', [inputs[0]!, '', `${name}/scales`], name, {
      mode: 'linear',
      coordinate_transformation_mode: 'half_pixel',
    });
    return [channels, toHeight, toWidth];
  }

  #scalar(value: number): string {
    const name = `constant ${value}`;
    if (!this.weights.some((weight) => weight.name === name))
      this.weights.push({ name, shape: [], values: Float32Array.of(value) });
    return name;
  }

  #constant(name: string): TfjsConstant {
    const constant = this.#graph.constants.get(name);
    invariant(constant, `${name} is no constant`);
    return constant;
  }

  #add(type: string, inputs: readonly string[], output: string, attributes: OnnxNode['attributes'] = {}): void {
    this.nodes.push({ type, inputs, output, attributes });
  }
}

/** TensorFlow's SAME puts what is odd at the end, as SAME_UPPER does. */
function padding({ texts }: TfjsNode): string {
  return texts['padding']![0] === 'SAME' ? 'SAME_UPPER' : 'VALID';
}

/** Axis i of the result is axis `order[i]` of the source. */
function turned({ shape, values }: TfjsConstant, order: readonly number[]): TfjsConstant {
  const target = order.map((axis) => shape[axis]!);
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const out = new Float32Array(values.length);
  const place = target.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    out[i] = values[order.reduce((sum, axis, k) => sum + place[k]! * strides[axis]!, 0)]!;
    for (let axis = place.length - 1; axis >= 0 && ++place[axis]! === target[axis]; axis--) place[axis] = 0;
  }
  return { shape: target, values: out };
}

function wholeNumbers(values: readonly number[]): BigInt64Array<ArrayBuffer> {
  return BigInt64Array.from(values, (value) => BigInt(value));
}
