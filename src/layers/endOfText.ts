// The row of a text that stands for all of it: the one at its end token.
import type { Tensor } from '../engine/graph/tensor';
import { argmax } from '../engine/ops/argmax';
import { equals, gather } from '../engine/ops/gather';
import { expand } from '../engine/ops/reduce';
import { reshape } from '../engine/ops/view';

/** x [N, L, D] → [N, D]: of each text the row at the first `endToken` of its tokens, u32 [N, L]. */
export function endOfText(x: Tensor, tokens: Tensor, endToken: number): Tensor {
  const [texts = 1, , width = 1] = x.shape;
  const places = reshape(argmax(equals(tokens, endToken)), [texts, 1, 1]);
  return reshape(gather(x, 1, expand(places, [texts, 1, width])), [texts, width]);
}
