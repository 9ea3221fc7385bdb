// A recorded action detector: its configuration, weights and inputs as our model takes them.
import type { ParameterStore } from '../../../src/engine/device/parameterStore';
import { sizeOf, type Shape } from '../../../src/engine/graph/tensor';
import { sinusoidTable } from '../../../src/models/adatad/chunks';
import { published, type AdatadConfig } from '../../../src/models/adatad/config';
import { pointLevels, pointTargets, type PointTargets } from '../../../src/models/adatad/points';
import type { LabelledSegment } from '../../../src/samples/segments';
import { compare, type GoldenResult } from '../../helpers/golden';
import { hashValues } from '../../helpers/hashValues';
import { hashedWeight, type KeyEntry } from '../../helpers/hashedWeights';
import type { Recording } from '../../helpers/recording';

const mean = [123.675, 116.28, 103.53];
const deviation = [58.395, 57.12, 57.375];

/** What all files have; weights come from the formula where they are not stored. */
export interface Recorded {
  readonly keys: readonly KeyEntry[];
  readonly names: readonly string[];
  /** The metadata of this name. */
  json(name: string): unknown;
  /** A stored array; empty where there is none. */
  array(name: string): Float32Array;
  shape(name: string): Shape;
  weight(name: string): Float32Array;
  /** Parameters whose gradient is zero but for rounding. */
  readonly dead: ReadonlySet<string>;
}

/** What shifts all of a query's scores alike, of which the softmax takes no notice; one file does not list them. */
const shiftsScores = /^projection\..*\.attn\.key(_norm)?\.bias$/;

export function readRecorded(file: Recording): Recorded {
  const keys = file.json<readonly KeyEntry[]>('keys');
  const shapes = new Map(keys.map(([name, shape]) => [name, shape]));
  const listed = JSON.parse(/\["[^\]]*"\]/.exec(file.notes)?.[0] ?? '[]') as string[];
  const shifting = keys.flatMap(([name]) => (shiftsScores.test(name) ? [name] : []));
  return {
    keys,
    names: [...file.tensors.keys()],
    json: (name) => file.json(name),
    array: (name) => (file.has(name) ? Float32Array.from(file.want(name)) : new Float32Array(0)),
    shape: (name) => file.shape(name),
    dead: new Set([...listed, ...shifting]),
    weight(name) {
      const shape = shapes.get(name);
      if (!shape) throw new Error(`no start value for ${name}`);
      if (name.endsWith('pos_embed')) {
        const [, tokens = 8, width = 1] = shape;
        return sinusoidTable(Math.sqrt(tokens / 8), width);
      }
      if (name.endsWith('loss_normalizer')) return Float32Array.of(100);
      if (name.endsWith('.scale') && shape.length === 0) return Float32Array.of(1);
      if (name.endsWith('.gamma')) return Float32Array.from(hashValues(`w:${name}`, 1), (value) => 1 + 0.1 * value);
      return hashedWeight('w:', name, shape)!;
    },
  };
}

/** Frames [samples, 3, frames, side, side] of bytes → chunks [samples · chunks, 16, 3, side, side], normalised. */
export function chunksOf(bytes: ArrayLike<number>, samples: number, frames: number, side: number): Float32Array {
  const area = side * side;
  const out = new Float32Array(samples * frames * 3 * area);
  for (let sample = 0; sample < samples; sample++)
    for (let frame = 0; frame < frames; frame++)
      for (let colour = 0; colour < 3; colour++) {
        const from = ((sample * 3 + colour) * frames + frame) * area;
        const to = ((sample * frames + frame) * 3 + colour) * area;
        for (let i = 0; i < area; i++) out[to + i] = (bytes[from + i]! - mean[colour]!) / deviation[colour]!;
      }
  return out;
}

/** Frames that the recordings make from a name: whole numbers from 0 to 255. */
export function hashedFrames(name: string, count: number): Float64Array {
  return hashValues(name, count).map((value) => Math.floor((value + 1) * 128));
}

/** [B, C, T] as upstream has it → [B, T, C] as ours has it. */
export function channelsLast(values: Float32Array, shape: Shape): Float32Array {
  const [samples = 1, channels = 1] = shape;
  const length = sizeOf(shape) / samples / channels;
  return values.map((_, at) => {
    const [sample, rest] = [Math.floor(at / (length * channels)), at % (length * channels)];
    return values[(sample * channels + (rest % channels)) * length + Math.floor(rest / channels)]!;
  });
}

/** Targets of several windows, one after the other. */
export function targetsOf(windows: readonly (readonly LabelledSegment[])[], config: AdatadConfig): PointTargets {
  const { levels, classes } = config.detector;
  const each = windows.map((segments) => pointTargets(segments, pointLevels(config.frames, levels), classes));
  const joined = (key: keyof PointTargets): Float32Array => Float32Array.from(each.flatMap((one) => [...one[key]]));
  return { classes: joined('classes'), distances: joined('distances') };
}

/** [samples, frames] of 1 up to the number of valid frames, then 0. */
export function maskOf(valid: readonly number[], frames: number): Float32Array {
  return Float32Array.from({ length: valid.length * frames }, (_, i) =>
    i % frames < valid[Math.floor(i / frames)]! ? 1 : 0,
  );
}

/** Gives the model the recorded weights. */
export function initializeTo(parameters: ParameterStore, recorded: Recorded): void {
  for (const { name } of parameters.layout.places.values()) parameters.write(name, recorded.weight(name));
}

/** Without random skipping, which recordings have switched off. */
export const still = {
  backbone: { ...published.backbone, dropPath: 0 },
  detector: { ...published.detector, dropPath: 0 },
};

/** Length of the difference as a share of that of the wanted values. */
export function compareLengths(
  name: string,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  ofLength: number,
): GoldenResult {
  return compare(name, got, want, { ofLength });
}
