// Resizing and reads at fractional positions.
import { gridSample } from '../../../../src/engine/ops/gridSample';
import { interpolate } from '../../../../src/engine/ops/interpolate';
import { roiAlign } from '../../../../src/engine/ops/roiAlign';
import { arg, numberOf, type Adapter, type Adapters } from '../adapter';

function resize(mode: 'nearest' | 'linear' | 'cubic'): Adapter {
  return (call) => {
    const size = call.attrs['size'] as number | number[];
    return interpolate(arg(call, 'x'), {
      size: typeof size === 'number' ? [size] : size,
      mode,
      alignCorners: call.attrs['align_corners'] === true,
      antialias: call.attrs['antialias'] === true,
    });
  };
}

export const resizingAdapters: Adapters = {
  interpolate_bilinear: resize('linear'),
  interpolate_linear: resize('linear'),
  interpolate_bicubic: resize('cubic'),
  interpolate_nearest: resize('nearest'),
  grid_sample: (call) =>
    gridSample(arg(call, 'x'), arg(call, 'grid'), { alignCorners: call.attrs['align_corners'] === true }),
  roi_align: (call) =>
    roiAlign(arg(call, 'x'), arg(call, 'boxes'), {
      outputSize: call.attrs['output_size'] as [number, number],
      spatialScale: numberOf(call, 'spatial_scale'),
      samplingRatio: numberOf(call, 'sampling_ratio'),
      aligned: call.attrs['aligned'] === true,
    }),
};
