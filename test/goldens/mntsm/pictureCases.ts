// Recorded colours of pictures, by the plain account against which the frame pass is held.
import type { JitterOp } from '../../../src/engine/frames/colourJitter';
import { stretched } from '../../../src/engine/frames/placement';
import { mntsmDataSettings } from '../../../src/models/mntsm/dataSettings';
import { jittered, pictureOf, placed, type Picture } from '../../engine/frames/reference';
import { worstOf, type GoldenResult, type Tolerance } from '../../helpers/golden';
import type { Recording } from '../../helpers/recording';
import { allowedFor } from './operatorCases';

/** By the numbers that stand for them in a recorded order. */
const operations: readonly JitterOp[] = ['brightness', 'contrast', 'saturation', 'hue'];

/** Resizing, jitter by one operation and by all in some order, mirroring, normalisation. */
export function* pictureCases(file: Recording): Iterable<GoldenResult> {
  const jitters = file.after('output.aug.').map((name) => jitterCase(file, name));
  if (jitters.length > 0) yield worstOf('colours', jitters);
  const looks = file.after('output.normalize.').map((name) => {
    const { mean, std } = mntsmDataSettings({ normalisation: name }).look;
    const picture = load(file, 'input.aug.image');
    const { width, height } = picture;
    const look = pictureOf(width, height, (x, y) => {
      const rgb = picture.at(x, y).map((value, c) => (value - mean[c]!) / std[c]!);
      return rgb as unknown as [number, number, number];
    });
    return file.compare(`output.normalize.${name}`, valuesOf(look), allowedFor(file, 'aug'));
  });
  if (looks.length > 0) yield worstOf('normalisation', looks);
  const sizes = file.after('output.resize.').map((name) => {
    const picture = load(file, 'input.resize');
    const [height, width] = name.split('x').map(Number) as [number, number];
    const resized = placed(picture, { ...stretched(picture, { width, height }), antialias: false });
    return file.compare(`output.resize.${name}`, valuesOf(resized), allowedFor(file, 'resize'));
  });
  if (sizes.length > 0) yield worstOf('resize of pictures', sizes);
}

function jitterCase(file: Recording, name: string): GoldenResult {
  const picture = load(file, 'input.aug.image');
  const against = (got: Picture, allowed: Tolerance) => file.compare(`output.aug.${name}`, valuesOf(got), allowed);
  if (name === 'hflip')
    return against(placed(picture, { ...stretched(picture, picture), flip: true }), allowedFor(file, 'aug'));
  const order = /^order(\d+)$/.exec(name)?.[1];
  // An order holds a shift of hue as well, which the file allows more.
  if (order !== undefined) {
    const { aug_order_factors: factors } = file.json<{ aug_order_factors: Record<JitterOp, number> }>('config');
    const steps = Array.from(order, (digit) => operations[Number(digit)]!);
    return against(
      jittered(
        picture,
        steps.map((op) => ({ op, factor: factors[op] })),
      ),
      hue(file),
    );
  }
  const [op, ...factor] = name.split('.') as [JitterOp, ...string[]];
  const jitter = [{ op, factor: Number(factor.join('.')) }];
  return against(jittered(picture, jitter), op === 'hue' ? hue(file) : allowedFor(file, 'aug'));
}

function hue(file: Recording): Tolerance {
  const own = /hue atol ([\d.e-]+)/.exec(file.json<{ suggest: string }>('tolerance').suggest)?.[1];
  return { ...allowedFor(file, 'aug'), ...(own !== undefined && { atol: Number(own) }) };
}

/** The last [3, height, width] of a tensor. */
function load(file: Recording, name: string): Picture {
  const values = file.given(name)!;
  const [height, width] = file.shape(name).slice(-2) as [number, number];
  const at = (x: number, y: number, c: number) => values[(c * height + y) * width + x]!;
  return pictureOf(width, height, (x, y) => [at(x, y, 0), at(x, y, 1), at(x, y, 2)]);
}

function valuesOf({ width, height, at }: Picture): Float64Array {
  return Float64Array.from({ length: 3 * height * width }, (_, i) => {
    const position = i % (height * width);
    return at(position % width, Math.floor(position / width))[Math.floor(i / (height * width))]!;
  });
}
