// Attention and pooling by attention.
import { attention } from '../../../../src/engine/ops/attention';
import { add, multiply } from '../../../../src/engine/ops/arithmetic';
import { tanh } from '../../../../src/engine/ops/activation';
import { linear } from '../../../../src/engine/ops/matmul';
import { mean } from '../../../../src/engine/ops/mean';
import { sum } from '../../../../src/engine/ops/reduce';
import { softmax } from '../../../../src/engine/ops/softmax';
import { concat } from '../../../../src/engine/ops/concat';
import { reshape, slice } from '../../../../src/engine/ops/view';
import { arg, numberOf, type Adapters } from '../adapter';

export const attentionAdapters: Adapters = {
  // [batch, heads, tokens, width]: heads are a batch axis.
  sdpa(call) {
    const [q, k, v] = ['q', 'k', 'v'].map((name) => arg(call, name));
    const { mask } = call.inputs;
    const boolean = String(call.attrs['mask']).startsWith('bool');
    return attention(q!, k!, v!, {
      axis: 2,
      causal: call.attrs['causal'] === true,
      ...(mask && (boolean ? { mask } : { bias: mask })),
    });
  },
  multi_head_attention(call) {
    const [x, y, weight, bias] = ['x', 'y', 'in_proj_weight', 'in_proj_bias'].map((name) => arg(call, name));
    const channels = x!.shape[2]!;
    const part = (input: typeof x, k: number) =>
      linear(input!, slice(weight!, 0, k * channels, channels), slice(bias!, 0, k * channels, channels));
    const mixed = attention(part(x, 0), part(y, 1), part(y, 2), { heads: numberOf(call, 'num_heads') });
    return linear(mixed, arg(call, 'out_proj_weight'), arg(call, 'out_proj_bias'));
  },
  clip_attention_pool2d(call) {
    const x = arg(call, 'x');
    const tokens = add(concat([mean(x, [1], true), x], 1), arg(call, 'pos'));
    const project = (input: typeof x, name: string) => linear(input, arg(call, `w${name}`), arg(call, `b${name}`));
    const query = project(slice(tokens, 1, 0, 1), 'q');
    const mixed = attention(query, project(tokens, 'k'), project(tokens, 'v'), { heads: numberOf(call, 'num_heads') });
    return project(reshape(mixed, [x.shape[0]!, -1]), 'c');
  },
  attention_pooling(call) {
    const x = arg(call, 'x');
    const hidden = tanh(linear(x, arg(call, 'w1'), arg(call, 'b1')));
    const weights = softmax(linear(hidden, arg(call, 'w2'), arg(call, 'b2')), 1);
    return sum(multiply(weights, x), [1]);
  },
};
