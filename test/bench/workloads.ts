// The bench's workloads in terms of our ops: the same arithmetic, in PyTorch's layouts ([in, out] dense weights).
import { zeros, type Parameters } from '../../src/engine/graph/parameters';
import type { Shape, Tensor } from '../../src/engine/graph/tensor';
import { geluTanh, relu, relu6 } from '../../src/engine/ops/activation';
import { add, multiply, sqrt, square, subtract } from '../../src/engine/ops/arithmetic';
import { attention } from '../../src/engine/ops/attention';
import { batchNorm } from '../../src/engine/ops/batchNorm';
import { convolution } from '../../src/engine/ops/convolution';
import { layerNorm } from '../../src/engine/ops/layerNorm';
import { matmul } from '../../src/engine/ops/matmul';
import { mean } from '../../src/engine/ops/mean';
import { sum } from '../../src/engine/ops/reduce';
import { logSoftmax } from '../../src/engine/ops/softmax';
import { permute, reshape } from '../../src/engine/ops/view';
import { mntsmLoss, type Network } from './mntsm/workload';
import { rn50Loss } from './rn50/workload';
import type { Scale } from './protocol';

export interface Data {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** What the bench hands to an engine. */
export interface Workload {
  readonly name: string;
  readonly family: 'mlp' | 'block' | 'vit' | 'conv' | 'lift' | 'matmul' | 'mntsm' | 'rn50';
  readonly kind: 'train' | 'infer';
  readonly dtype: 'f32' | 'f16';
  readonly cfg: Readonly<Record<string, number>> & { readonly sizes?: readonly number[] };
  readonly params: Readonly<Record<string, Data>>;
  /** State beside the parameters; a peer may leave it out. */
  readonly buffers?: Readonly<Record<string, Data>>;
  readonly inputs: Readonly<Record<string, Data>>;
  /** Where the arithmetic is not written out in each engine's words. */
  readonly network?: Network;
  readonly adamw: {
    readonly lr: number;
    readonly b1: number;
    readonly b2: number;
    readonly eps: number;
    readonly wd: number;
  };
  readonly eps: number;
}

/** The peer bench's module that makes workloads. */
export interface WorkloadsModule {
  readonly WORKLOADS: readonly string[];
  readonly makeWorkload: (name: string, scale: Scale, set: Readonly<Record<string, unknown>>) => Workload;
}

/** The loss (training), or what the forward pass gives. Without parameters the weights are among the inputs. */
export function trace(w: Workload, p: Parameters | null, inputs: Readonly<Record<string, Tensor>>): Tensor {
  const weight = (name: string): Tensor =>
    p ? p.weight(name, (w.params[name] as Data).shape, zeros) : (inputs[name] as Tensor);
  const x = inputs['x'] as Tensor;
  const y = inputs['y'] as Tensor;
  const size = (key: string): number => w.cfg[key] as number;
  const block = (prefix: string, h: Tensor): Tensor => transformerBlock(w, weight, prefix, h);
  const squares = (h: Tensor): Tensor => mean(square(subtract(h, y)));
  switch (w.family) {
    case 'mlp': {
      const layers = (w.cfg.sizes?.length ?? 1) - 1;
      let h = x;
      for (let i = 0; i < layers; i++) {
        h = add(matmul(h, weight(`w${i}`)), weight(`b${i}`));
        if (i + 1 < layers) h = relu(h);
      }
      return multiply(mean(sum(multiply(logSoftmax(h), y), [-1])), -1);
    }
    case 'block':
      return w.kind === 'infer' ? block('', x) : squares(block('', x));
    case 'vit': {
      let h = x;
      for (let i = 0; i < size('layers'); i++) h = block(`l${i}.`, h);
      return squares(h);
    }
    case 'conv': {
      let h = permute(x, [0, 2, 3, 1]);
      const layer = (k: number, padding: number, groups: number): Tensor =>
        relu6(
          normalised(
            w,
            weight,
            `n${k}`,
            convolution(h, weight(`c${k}.w`), null, { padding, groups, channels: 'last' }),
          ),
        );
      h = layer(1, 1, 1);
      h = layer(2, 1, size('cout'));
      h = layer(3, 0, 1);
      return squares(permute(h, [0, 3, 1, 2]));
    }
    case 'lift': {
      const [B, T, J, d] = [size('batch'), size('frames'), size('joints'), size('dim')];
      let h = reshape(add(matmul(x, weight('embed.w')), weight('embed.b')), [B * T, J, d]);
      h = block('s.', h);
      h = reshape(permute(reshape(h, [B, T, J, d]), [0, 2, 1, 3]), [B * J, T, d]);
      h = block('t.', h);
      h = permute(reshape(h, [B, J, T, d]), [0, 2, 1, 3]);
      const out = add(matmul(h, weight('head.w')), weight('head.b'));
      return mean(sqrt(add(sum(square(subtract(out, y)), [-1]), 1e-8)));
    }
    case 'matmul':
      return matmul(x, weight('b'));
    case 'mntsm':
      return mntsmLoss(w, p!, inputs);
    case 'rn50':
      return rn50Loss(w, p!, inputs);
  }
}

/** h [groups, tokens, width]: attention and MLP, both behind a norm and added to their input. */
function transformerBlock(w: Workload, weight: (name: string) => Tensor, prefix: string, h: Tensor): Tensor {
  const dense = (name: string, t: Tensor): Tensor =>
    add(matmul(t, weight(`${prefix}${name}.w`)), weight(`${prefix}${name}.b`));
  const norm = (name: string, t: Tensor): Tensor =>
    layerNorm(t, weight(`${prefix}${name}.g`), weight(`${prefix}${name}.b`), w.eps);
  const heads = w.cfg['heads'] as number;
  const mixed = add(h, dense('proj', attention(dense('qkv', norm('ln1', h)), { heads })));
  return add(mixed, dense('fc2', geluTanh(dense('fc1', norm('ln2', mixed)))));
}

/** Batch norm over the last axis by the batch's own statistics. */
function normalised(w: Workload, weight: (name: string) => Tensor, name: string, x: Tensor): Tensor {
  const channels = x.shape[3] as number;
  const { graph } = x.node;
  const unused = graph.constant(new Float32Array(channels), [channels]);
  const options = { axis: 3, training: true, momentum: 0, epsilon: w.eps };
  return batchNorm(x, weight(`${name}.g`), weight(`${name}.b`), unused, unused, options).y;
}
