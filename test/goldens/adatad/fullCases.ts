// The published sizes: a chunk through the whole backbone, the whole detector, and both on a window of 768 frames.
import type { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { multiply } from '../../../src/engine/ops/arithmetic';
import { sum } from '../../../src/engine/ops/reduce';
import { permute, reshape } from '../../../src/engine/ops/view';
import { backbone } from '../../../src/models/adatad/backbone';
import type { AdatadConfig } from '../../../src/models/adatad/config';
import { pieceCount, published } from '../../../src/models/adatad/config';
import { BACKBONE_PATH, detector } from '../../../src/models/adatad/model';
import { compare, worstOf, type GoldenResult } from '../../helpers/golden';
import { hashValues } from '../../helpers/hashValues';
import type { Recording } from '../../helpers/recording';
import type { OpenDevice } from '../group';
import {
  channelsLast,
  compareLengths,
  chunksOf,
  hashedFrames,
  maskOf,
  readRecorded,
  still,
  targetsOf,
  type Recorded,
} from './fixture';
import { nameCase } from './tinyCases';
import { inputShapes, lossOf, modelOf, trace, type Traced, type Value } from './trace';

interface Window {
  readonly valid: number;
  readonly gt: readonly (readonly [segment: readonly [number, number], label: number])[];
}

const config: AdatadConfig = { ...published, ...still };

/** Suggested by the recordings, as shares of a tensor's length. */
interface Tolerances {
  readonly outputs: number;
  readonly losses: number;
  readonly gradients: number;
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((total, value) => total + value * value, 0));
}

/** A recorded [norm, first values] of what is too large to store; the values count by the tensor's spread. */
function compareHead(name: string, got: Float32Array, want: Float32Array, tolerance: number): GoldenResult[] {
  const first = want.slice(1, 1 + Math.min(8, got.length));
  const spread = want[0]! / Math.sqrt(got.length);
  const largest = first.reduce((most, value) => Math.max(most, Math.abs(value)), spread);
  return [
    compare(`${name} norm`, [norm(got)], want.slice(0, 1), { rtol: tolerance }),
    compare(`${name} first`, got.slice(0, first.length), first, { atol: 10 * tolerance * largest }),
  ];
}

async function gradientCases(traced: Traced, recorded: Recorded, tolerance: number): Promise<GoldenResult> {
  const results: GoldenResult[] = [];
  let squares = 0;
  for (const name of recorded.names.filter((one) => one.startsWith('grad.'))) {
    const [got, want] = [await traced.read(name), recorded.array(name)];
    if (name !== 'grad.input_feat') squares += norm(got) ** 2;
    // One number that 300,000 terms nearly cancel out in: PyTorch's own f32 is off by up to 2.3e-4 of it.
    const allowed = name.endsWith('.gamma') ? Math.max(tolerance, 5e-4) : tolerance;
    if (recorded.dead.has(name.slice(5))) results.push(compare(name, [norm(got)], want.slice(0, 1), { atol: 1e-4 }));
    else results.push(...compareHead(name, got, want, allowed));
  }
  const whole = recorded.array('loss.total_grad_norm');
  if (whole.length > 0) results.push(compare('all together', [Math.sqrt(squares)], whole, { rtol: tolerance }));
  return worstOf('gradients', results);
}

function placeOf(p: Parameters): Parameters {
  return BACKBONE_PATH.split('.').reduce((at, name) => at.at(name), p);
}

/** One chunk of 16 frames through twelve blocks and back to every adapter. */
export async function* backboneCases(file: Recording, open: OpenDevice): AsyncIterable<GoldenResult> {
  const recorded = readRecorded(file);
  const device = await open();
  const { side, backbone: sizes } = config;
  const { width, depth } = sizes;
  const shape = recorded.shape('output.feature_map');
  const flow = Float32Array.from(hashValues('in:gout', 8 * 100 * width), (value) => value / 1000);
  const inputs: Record<string, Value> = {
    frames: {
      shape: [1, 16, 3, side, side],
      data: chunksOf(hashedFrames('in:frames_full', 3 * 16 * side * side), 1, 16, side),
    },
    flow: { shape: [1, width, 800], data: flow },
  };
  const traced = await trace(device, recorded, inputs, (p, given) => {
    const results = new Map<string, Tensor>();
    const tap = (name: string, value: Tensor): void => void results.set(name, value);
    backbone(placeOf(p), given['frames'] as Tensor, sizes, { samples: 1, pieces: 1, training: true, tap });
    const last = results.get(`block ${depth - 1}`) as Tensor;
    const loss = sum(multiply(last, permute(given['flow'] as Tensor, [0, 2, 1])));
    return { results: results.set('total', loss), loss };
  });
  const heads = recorded.array('output.block_l2_and_first8');
  const blocks: GoldenResult[] = [];
  for (let row = 0; row <= depth; row++) {
    const got = await traced.read(row === 0 ? 'embedding' : `block ${row - 1}`);
    blocks.push(...compareHead(`${row}`, got, heads.slice(row * 9, row * 9 + 9), 5e-5));
  }
  const map = channelsLast(recorded.array('output.feature_map'), shape);
  const tokens = await traced.read(`block ${depth - 1}`);
  const means = Float32Array.from({ length: width * 8 }, (_, at) => {
    const [channel, step] = [Math.floor(at / 8), at % 8];
    return (
      Array.from({ length: 100 }, (_, k) => tokens[(step * 100 + k) * width + channel]!).reduce((a, b) => a + b) / 100
    );
  });
  yield compareLengths('feature map', tokens, map, 5e-5);
  yield compareLengths('means', means, recorded.array('output.feature_mean_hw'), 5e-5);
  yield worstOf('blocks', blocks);
  yield compare('loss', await traced.read('total'), recorded.array('loss.total'), { rtol: 1e-4 });
  yield await gradientCases(traced, recorded, 2e-4);
  traced.dispose();
}

function windowInputs(recorded: Recorded): Record<string, Float32Array> {
  const { valid, gt } = recorded.json('config') as Window;
  const targets = targetsOf([gt.map(([segment, label]) => ({ segment, label }))], config);
  return { mask: maskOf([valid], config.frames), ...targets };
}

function withShapes(arrays: Record<string, Float32Array>): Record<string, Value> {
  const shapes = inputShapes(config, 1);
  return Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, { shape: shapes[name]!, data }]));
}

/** All maps of classes and distances, and the losses where they were computed. */
async function detectorCases(traced: Traced, recorded: Recorded, tolerances: Tolerances): Promise<GoldenResult[]> {
  const maps: GoldenResult[] = [];
  for (const name of recorded.names.filter((one) => /^output\.(cls|reg|feat)/.test(one))) {
    const got = await traced.read(name === 'output.feat' ? 'features' : name.slice(7));
    maps.push(compareLengths(name, got, channelsLast(recorded.array(name), recorded.shape(name)), tolerances.outputs));
  }
  const losses: GoldenResult[] = [];
  for (const [ours, theirs] of [
    ['class', 'cls_loss'],
    ['segment', 'reg_loss'],
    ['total', 'cost'],
  ] as const)
    // prettier-ignore
    losses.push(compare(ours, await traced.read(ours), recorded.array(`loss.${theirs}`), { rtol: tolerances.losses }));
  return [worstOf('outputs', maps), worstOf('losses', losses)];
}

/** Projection, neck and head on 768 positions with all gradients. */
export async function* headCases(file: Recording, open: OpenDevice): AsyncIterable<GoldenResult> {
  const recorded = readRecorded(file);
  const device = await open();
  const { frames, backbone: sizes, detector: channels } = config;
  const features = Float32Array.from(hashValues('in:head_feat', sizes.width * frames));
  const inputs = {
    ...withShapes(windowInputs(recorded)),
    input_feat: { shape: [1, sizes.width, frames], data: features },
  };
  const traced = await trace(device, recorded, inputs, (p, given) => {
    const results = new Map<string, Tensor>();
    const tap = (name: string, value: Tensor): void => void results.set(name, value);
    const source = given['input_feat'] as Tensor;
    const output = detector(p, permute(source, [0, 2, 1]), given['mask'] as Tensor, channels, { training: true, tap });
    const { total, parts } = lossOf(p, output, given);
    for (const [name, value] of parts) results.set(name, value);
    return { results: results.set('total', total), loss: total, sources: new Map([['input_feat', source]]) };
  });
  const tolerances = { outputs: 5e-5, losses: 1e-5, gradients: 2e-3 };
  yield* await detectorCases(traced, recorded, tolerances);
  const necks: GoldenResult[] = [];
  for (const name of recorded.names.filter((one) => one.startsWith('output.neck_l2'))) {
    // Upstream has the channels first: its first values are of the first channel at eight positions.
    const got = await traced.read(`neck.${name.at(-1)}`);
    const [length, first] = [norm(got), Float32Array.from({ length: 8 }, (_, i) => got[i * channels.channels]!)];
    const want = recorded.array(name);
    necks.push(compare(`${name} norm`, [length], want.slice(0, 1), { rtol: 5e-5 }));
    necks.push(compareLengths(`${name} first`, first, want.slice(1), 5e-4));
  }
  yield worstOf('neck', necks);
  yield await gradientCases(traced, recorded, tolerances.gradients);
  traced.dispose();
}

/**
 * The whole model on a whole window. Its gradients take minutes and gigabytes: with GRADIENTS=whole in the environment.
 */
export async function* wholeCases(file: Recording, open: OpenDevice): AsyncIterable<GoldenResult> {
  const backward = process.env['GRADIENTS'] === 'whole';
  if (!backward) file.leave(/^(grad\.|loss\.total_grad_norm)/, 'minutes more, with GRADIENTS=whole');
  const recorded = readRecorded(file);
  yield nameCase(recorded, published);
  const device = await open();
  const { frames, side } = config;
  const pieces = pieceCount(config, 1);
  const chunks = chunksOf(hashedFrames('in:e2e_frames', 3 * frames * side * side), 1, frames, side);
  const traced = await trace(
    device,
    recorded,
    withShapes({ chunks, ...windowInputs(recorded) }),
    (p, given) => {
      const results = new Map<string, Tensor>();
      const tap = (name: string, value: Tensor): void => {
        if (/^(features|cls|reg)/.test(name)) results.set(name, reshape(value, value.shape));
      };
      const output = modelOf(p, given, config, { training: true, pieces, tap });
      const { total, parts } = lossOf(p, output, given);
      for (const [name, value] of parts) results.set(name, value);
      return { results: results.set('total', total), ...(backward && { loss: total }) };
    },
    { recompute: 'all', pieces },
  );
  const tolerances = { outputs: 2e-4, losses: 1e-4, gradients: 5e-3 };
  yield* await detectorCases(traced, recorded, tolerances);
  if (backward) yield await gradientCases(traced, recorded, tolerances.gradients);
  traced.dispose();
}
