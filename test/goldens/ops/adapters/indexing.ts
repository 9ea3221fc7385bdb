// Reads by index, running sums and rearrangements.
import { argmax } from '../../../../src/engine/ops/argmax';
import { select } from '../../../../src/engine/ops/arithmetic';
import { cumulativeSum } from '../../../../src/engine/ops/cumulativeSum';
import { embedding, gather, indexAdd, indexSelect, oneHot, scatterAdd } from '../../../../src/engine/ops/gather';
import { sort, topk } from '../../../../src/engine/ops/sort';
import { temporalShift } from '../../../../src/layers/temporalShift';
import type { Tensor } from '../../../../src/engine/graph/tensor';
import { concat } from '../../../../src/engine/ops/concat';
import { expand } from '../../../../src/engine/ops/reduce';
import { flip, pad, permute, reshape, slice, transpose } from '../../../../src/engine/ops/view';
import { arg, numberOf, ofX, type Adapters } from '../adapter';

const axisOf = (call: Parameters<typeof numberOf>[0]): number => numberOf(call, 'axis');

function ends(x: Tensor, [before, after]: readonly [number, number], side: (part: 'low' | 'high') => Tensor): Tensor {
  return concat([...(before > 0 ? [side('low')] : []), x, ...(after > 0 ? [side('high')] : [])], x.shape.length - 1);
}

export const indexingAdapters: Adapters = {
  embedding(call) {
    const padding = call.attrs['padding_idx'];
    return embedding(arg(call, 'weight'), arg(call, 'index'), typeof padding === 'number' ? padding : null);
  },
  index_select: (call) => indexSelect(arg(call, 'x'), axisOf(call), arg(call, 'index')),
  gather: (call) => gather(arg(call, 'x'), axisOf(call), arg(call, 'index')),
  scatter_add: (call) => scatterAdd(arg(call, 'x'), axisOf(call), arg(call, 'index'), arg(call, 'src')),
  index_add: (call) => indexAdd(arg(call, 'x'), axisOf(call), arg(call, 'index'), arg(call, 'src')),
  cumsum: (call) => cumulativeSum(arg(call, 'x'), axisOf(call)),
  flip: (call) => (call.attrs['axes'] as number[]).reduce((x, axis) => flip(x, axis), arg(call, 'x')),
  roll(call) {
    const [x, axis] = [arg(call, 'x'), axisOf(call)];
    const size = x.shape[axis]!;
    const shift = numberOf(call, 'shift') % size;
    return concat([slice(x, axis, size - shift, shift), slice(x, axis, 0, size - shift)], axis);
  },
  topk: (call) => topk(arg(call, 'x'), numberOf(call, 'k'), axisOf(call)),
  sort: (call) => sort(arg(call, 'x'), axisOf(call), call.attrs['descending'] === true),
  argmax: (call) => argmax(arg(call, 'x'), axisOf(call)),
  one_hot: (call) => oneHot(arg(call, 'index'), numberOf(call, 'classes')),
  concat: (call) => concat(Object.values(call.inputs), axisOf(call)),
  // x[:, 1::3, :-2]
  slice: ofX((x) => {
    const [batch, rows, columns] = x.shape as [number, number, number];
    const taken = Math.ceil((rows - 1) / 3);
    const whole = pad(slice(slice(x, 1, 1, rows - 1), 2, 0, columns - 2), 1, 0, taken * 3 - rows + 1);
    return reshape(slice(reshape(whole, [batch, taken, 3, columns - 2]), 2, 0, 1), [batch, taken, columns - 2]);
  }),
  pad_constant(call) {
    const sizes = call.attrs['pad_last_to_first'] as number[];
    let y = arg(call, 'x');
    for (let k = 0; 2 * k < sizes.length; k++) y = pad(y, y.shape.length - 1 - k, sizes[2 * k]!, sizes[2 * k + 1]!);
    return y;
  },
  pad_reflect(call) {
    const x = arg(call, 'x');
    const [before, after] = call.attrs['pad_last'] as [number, number];
    const size = x.shape.at(-1)!;
    return ends(x, [before, after], (side) =>
      flip(side === 'low' ? slice(x, -1, 1, before) : slice(x, -1, size - 1 - after, after), -1),
    );
  },
  pad_replicate(call) {
    const x = arg(call, 'x');
    const [before, after] = call.attrs['pad_last'] as [number, number];
    const last = x.shape.at(-1)! - 1;
    return ends(x, [before, after], (side) =>
      expand(slice(x, -1, side === 'low' ? 0 : last, 1), [...x.shape.slice(0, -1), side === 'low' ? before : after]),
    );
  },
  permute: (call) => permute(arg(call, 'x'), call.attrs['order'] as number[]),
  permute_reshape: ofX((x) => reshape(transpose(x, 1, 2), [x.shape[0]!, -1])),
  where: (call) => select(arg(call, 'c'), arg(call, 'a'), arg(call, 'b')),
  temporal_shift: (call) =>
    temporalShift(arg(call, 'x'), { segments: numberOf(call, 'n_segment'), foldDivisor: numberOf(call, 'fold_div') }),
  pixel_unshuffle(call) {
    const [x, r] = [arg(call, 'x'), numberOf(call, 'r')];
    const [n, c, h, w] = x.shape as [number, number, number, number];
    const split = reshape(x, [n, c, h / r, r, w / r, r]);
    return reshape(permute(split, [0, 1, 3, 5, 2, 4]), [n, c * r * r, h / r, w / r]);
  },
  window_partition: ofX((x) => {
    const [b, h, w, c] = x.shape as [number, number, number, number];
    return reshape(permute(reshape(x, [b, h / 3, 3, w / 3, 3, c]), [0, 1, 3, 2, 4, 5]), [-1, 9, c]);
  }),
};
