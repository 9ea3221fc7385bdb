// The adapter after every block: narrow tokens that see their neighbours in time, across the borders of chunks
// (spec section 2.4). What happens inside a chunk and what happens across chunks are functions of their own.
import { ones, zeros, type Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { gelu } from '../../engine/ops/activation';
import { add, multiplyAdd } from '../../engine/ops/arithmetic';
import { convolution } from '../../engine/ops/convolution';
import { linear } from '../../engine/ops/matmul';
import { reshape } from '../../engine/ops/view';

const START_DEVIATION = 0.02;

/** Inside a chunk: tokens [rows, tokens, width] → narrow ones [rows, tokens, hidden]. */
export function narrow(p: Parameters, x: Tensor, hidden: number): Tensor {
  const place = p.at('down_proj');
  const weight = place.weight('weight', [hidden, x.shape.at(-1) ?? 1], { kind: 'normal', deviation: START_DEVIATION });
  return gelu(linear(x, weight, place.weight('bias', [hidden], zeros)));
}

/** Across chunks: narrow tokens over all time [samples, time, places, hidden] and what each sees of its neighbours. */
export function acrossTime(p: Parameters, narrowed: Tensor): Tensor {
  const hidden = narrowed.shape.at(-1) ?? 1;
  const depthwise = p.at('dwconv');
  const weight = depthwise.weight('weight', [hidden, 1, 3], { kind: 'normal', deviation: Math.sqrt(2 / 3) });
  const neighbours = convolution(
    narrowed,
    reshape(weight, [hidden, 1, 3, 1]),
    depthwise.weight('bias', [hidden], zeros),
    { padding: [1, 0], groups: hidden, channels: 'last' },
  );
  const mixing = p.at('conv');
  const mixed = linear(
    neighbours,
    reshape(mixing.weight('weight', [hidden, hidden, 1], { kind: 'normal', deviation: Math.sqrt(2 / hidden) }), [
      hidden,
      hidden,
    ]),
    mixing.weight('bias', [hidden], zeros),
  );
  return add(narrowed, mixed);
}

/** Inside a chunk again: x + gamma · up(seen); an adapter that has not learnt anything changes nothing. */
export function widen(p: Parameters, x: Tensor, seen: Tensor): Tensor {
  const [width = 1, hidden = 1] = [x.shape.at(-1), seen.shape.at(-1)];
  const place = p.at('up_proj');
  const wide = linear(seen, place.weight('weight', [width, hidden], zeros), place.weight('bias', [width], zeros));
  return multiplyAdd(p.weight('gamma', [1], ones), wide, x);
}
