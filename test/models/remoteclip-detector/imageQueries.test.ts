// Queries that the picture proposes, beside PyTorch: boxes and scores of every part, the loss, every gradient.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { add } from '../../../src/engine/ops/arithmetic';
import { TEMPERATURE } from '../../../src/models/remoteclip-detector/config';
import { imageQueries } from '../../../src/models/remoteclip-detector/imageQueries';
import { detectionLoss } from '../../../src/models/remoteclip-detector/loss';
import { assignTargets } from '../../../src/models/remoteclip-detector/matching';
import { openDevice } from '../../helpers/gpu';
import { hashedWeight } from '../../helpers/hashedWeights';
import { hashValues } from '../../helpers/hashValues';
import { traceLoss, type TracedLoss } from '../../helpers/traceLoss';

interface Recorded {
  readonly config: Readonly<Record<'pictures' | 'classes' | 'features' | 'width' | 'heads', number>> &
    Readonly<Record<'queries' | 'layers' | 'inner' | 'gateInner' | 'classInner', number>> & {
      readonly rows: readonly [number, number];
      readonly channels: readonly [number, number];
    };
  readonly targets: readonly (readonly [classes: number[], boxes: number[][]])[];
  /** Pairs of query and target, by part and picture. */
  readonly matches: readonly (readonly (readonly [number, number])[])[][];
  readonly loss: number;
  readonly parts: readonly { readonly boxes: number[]; readonly logits: number[] }[];
  /** Length and first values. */
  readonly gradients: Readonly<Record<string, readonly [length: number, ...first: number[]]>>;
}

const file = new URL('./imageQueries.json', import.meta.url);
const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded;
const { pictures, classes, features, rows, channels, ...decoder } = recorded.config;
const targets = recorded.targets.map(([labels, boxes]) => ({ classes: labels, boxes: boxes.flat() }));
const maps = ['c3', 'c4'].map((name, k) => ({ name, shape: [pictures, rows[k]!, rows[k]!, channels[k]!] as const }));
const shapes = new Map<string, readonly number[]>();

let device: GPUDevice;
let traced: TracedLoss;

beforeAll(async () => {
  ({ device } = await openDevice());
  const config = {
    image: { blocks: [1, 1, 1, 1] as const, width: 4, side: 64, heads: 1, features },
    decoder: { ...decoder, dropout: 0 },
    temperature: TEMPERATURE,
  };
  traced = await traceLoss(device, { weight: (name) => hashedWeight('w:', name, shapes.get(name)!)! }, (p, graph) => {
    const [c3, c4] = maps.map(({ name, shape }) => graph.input(name, shape));
    const seen = { c3: c3!, c4: c4!, features: graph.input('features', [pictures, features]) };
    const parts = imageQueries(p, seen, graph.input('texts', [classes, features]), config, { training: true });
    const losses = parts.map((part, k) => {
      const counts = [pictures, part.logits.shape[1]!];
      const own = {
        classes: graph.input(`classes ${k}`, counts, 'u32'),
        boxes: graph.input(`targets ${k}`, [...counts, 4]),
      };
      return detectionLoss(part, own).total;
    });
    for (const [name, { shape }] of graph.parameters) shapes.set(name, shape);
    return {
      loss: losses.reduce((a, b) => add(a, b)),
      ...Object.fromEntries(
        parts.flatMap(({ boxes, logits }, k) => [
          [`boxes ${k}`, boxes],
          [`logits ${k}`, logits],
        ]),
      ),
    };
  });
  const hashed = (name: string, shape: readonly number[]): Float32Array =>
    Float32Array.from(
      hashValues(
        name,
        shape.reduce((a, b) => a * b, 1),
      ),
    );
  traced.write(Object.fromEntries(maps.map(({ name, shape }) => [name, hashed(name, shape)])));
  traced.write({ features: hashed('features', [pictures, features]), texts: hashed('texts', [classes, features]) });
  recorded.parts.forEach(({ boxes, logits }, k) => {
    const queries = boxes.length / 4 / pictures;
    const found = assignTargets({ boxes, logits, queries, classes }, targets);
    traced.write({ [`classes ${k}`]: found.classes, [`targets ${k}`]: found.boxes });
  });
  traced.run();
}, 240_000);
afterAll(() => {
  traced.dispose();
  device.destroy();
});

/** Largest deviation as a share of the largest recorded value. */
function deviation(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  const largest = Math.max(...Array.from(wanted, Math.abs));
  return Math.max(...Array.from(wanted, (value, k) => Math.abs(value - got[k]!))) / largest;
}

it('proposes, chooses and refines the boxes of PyTorch', async () => {
  for (const [k, { boxes, logits }] of recorded.parts.entries()) {
    expect(deviation(await traced.read(`boxes ${k}`), boxes)).toBeLessThan(1e-5);
    expect(deviation(await traced.read(`logits ${k}`), logits)).toBeLessThan(1e-5);
  }
});

it('assigns the targets that scipy assigns', () => {
  recorded.parts.forEach(({ boxes, logits }, k) => {
    const queries = boxes.length / 4 / pictures;
    const found = assignTargets({ boxes, logits, queries, classes }, targets);
    recorded.matches[k]!.forEach((pairs, picture) => {
      const wanted = new Uint32Array(queries).fill(classes);
      for (const [query, target] of pairs) wanted[query] = targets[picture]!.classes[target]!;
      expect(found.classes.subarray(picture * queries, (picture + 1) * queries)).toEqual(wanted);
    });
  });
});

it('learns as in PyTorch', async () => {
  expect((await traced.read('loss'))[0]).toBeCloseTo(recorded.loss, 4);
  const gradients = await traced.gradients();
  expect([...gradients.keys()].sort()).toEqual(Object.keys(recorded.gradients).sort());
  for (const [name, [length, ...first]] of Object.entries(recorded.gradients)) {
    const got = gradients.get(name)!;
    // A third of in_proj_bias, the keys', has no gradient but rounding.
    const size = Math.hypot(...got);
    expect(Math.abs(size - length) / length, name).toBeLessThan(1e-4);
    for (const [k, value] of first.entries()) expect(Math.abs(got[k]! - value) / length, name).toBeLessThan(1e-4);
  }
});
