// Reads TensorFlow.js graph models: nodes and constants of model.json with its .bin (tfjs's graph_model format).
import { invariant } from '../errors';
import { widenHalf } from '../formats/halfFloat';

export interface TfjsNode {
  readonly name: string;
  readonly op: string;
  readonly inputs: readonly string[];
  /** Lists of whole numbers, such as strides. */
  readonly integers: Readonly<Record<string, readonly number[]>>;
  /** Texts and lists of texts, such as padding and fused operations. */
  readonly texts: Readonly<Record<string, readonly string[]>>;
}

export interface TfjsConstant {
  readonly shape: readonly number[];
  readonly values: Float32Array<ArrayBuffer>;
}

export interface TfjsGraph {
  readonly nodes: ReadonlyMap<string, TfjsNode>;
  /** Whole numbers among them as floats. */
  readonly constants: ReadonlyMap<string, TfjsConstant>;
}

interface StoredAttribute {
  readonly s?: string;
  readonly list?: { readonly i?: readonly string[]; readonly s?: readonly string[] };
}

interface StoredModel {
  readonly modelTopology: {
    readonly node: readonly {
      readonly name: string;
      readonly op: string;
      readonly input?: readonly string[];
      readonly attr?: Readonly<Record<string, StoredAttribute>>;
    }[];
  };
  readonly weightsManifest: readonly {
    readonly weights: readonly {
      readonly name: string;
      readonly shape: readonly number[];
      readonly dtype: string;
      readonly quantization?: { readonly dtype: string };
    }[];
  }[];
}

/** Of a model that comes with the page: what does not fit is our mistake. `weights` may store floats as binary16. */
export function readTfjsGraph(model: unknown, weights: Uint8Array<ArrayBuffer>): TfjsGraph {
  const { modelTopology, weightsManifest } = model as StoredModel;
  const nodes = modelTopology.node.map(({ name, op, input = [], attr = {} }): TfjsNode => {
    const lists = Object.entries(attr);
    return {
      name,
      op,
      inputs: input,
      integers: Object.fromEntries(lists.map(([key, { list }]) => [key, (list?.i ?? []).map(Number)])),
      texts: Object.fromEntries(
        lists.map(([key, { s, list }]) => [key, (s === undefined ? (list?.s ?? []) : [s]).map((one) => atob(one))]),
      ),
    };
  });
  const constants = new Map<string, TfjsConstant>();
  let at = 0;
  for (const { name, shape, dtype, quantization } of weightsManifest.flatMap((group) => group.weights)) {
    const half = quantization?.dtype === 'float16';
    invariant(half || quantization === undefined, `${name} is stored as ${quantization?.dtype ?? ''}`);
    const count = shape.reduce((product, size) => product * size, 1);
    const bytes = weights.slice(at, (at += count * (half ? 2 : 4))).buffer;
    const values = half
      ? widenHalf(new Uint16Array(bytes))
      : dtype === 'int32'
        ? Float32Array.from(new Int32Array(bytes))
        : new Float32Array(bytes);
    constants.set(name, { shape, values });
  }
  invariant(at === weights.length, `${at} of ${weights.length} bytes of weights are named`);
  return { nodes: new Map(nodes.map((node) => [node.name, node])), constants };
}
