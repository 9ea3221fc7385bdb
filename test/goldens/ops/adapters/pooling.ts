// Poolings in one, two and three dimensions.
import { adaptiveAvgPool, avgPool } from '../../../../src/engine/ops/averagePool';
import { maxPool } from '../../../../src/engine/ops/maxPool';
import type { PoolOptions } from '../../../../src/engine/ops/poolWindows';
import { arg, type Adapter, type Adapters, type OpCall } from '../adapter';

type Sizes = number | readonly number[];

function optionsOf({ attrs }: OpCall): PoolOptions {
  return {
    kernelSize: attrs['kernel_size'] as Sizes,
    stride: (attrs['stride'] ?? attrs['kernel_size']) as Sizes,
    padding: (attrs['padding'] ?? 0) as Sizes,
    ceilMode: attrs['ceil_mode'] === true,
  };
}

const largest: Adapter = (call) => maxPool(arg(call, 'x'), optionsOf(call));
const average: Adapter = (call) =>
  avgPool(arg(call, 'x'), { ...optionsOf(call), countIncludePad: call.attrs['count_include_pad'] !== false });
const adaptive: Adapter = (call) => adaptiveAvgPool(arg(call, 'x'), call.attrs['output_size'] as Sizes);

export const poolingAdapters: Adapters = {
  max_pool1d: largest,
  max_pool2d: largest,
  avg_pool1d: average,
  avg_pool2d: average,
  avg_pool3d: average,
  adaptive_avg_pool1d: adaptive,
  adaptive_avg_pool2d: adaptive,
};
