// Weights that do not say what they are: guessed by their shapes, given class names, refused before anything is decoded.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Tuning } from '../../../src/engine/device/tuning';
import { piecesToBlob, weightPieces } from '../../../src/formats/writeWeights';
import { linear } from '../../../src/layers/linear';
import type { Task } from '../../../src/models/task';
import { memoryCheckpoints } from '../../../src/runs/memoryStores';
import type { JudgeEvent } from '../../../src/training/judging/judgeProtocol';
import { JudgeService } from '../../../src/training/judging/judgeService';
import type { TaskJudge } from '../../../src/training/judging/taskJudge';
import type { TaskRuntime } from '../../../src/training/runtime';
import { DeviceOwner } from '../../../src/training/session/deviceOwner';
import { nodeVideos } from '../../../tools/nodeVideos';
import { openDevice } from '../../helpers/gpu';
import { sampleAdapter } from '../../runs/sampleRecord';

type NamedFacts = Readonly<{ classes: readonly string[]; read: number }>;

const opened: unknown[] = [];
const judge: TaskJudge<NamedFacts> = {
  guess: (shapes) => ({ classes: shapes.get('head.bias')?.[0] ?? 0 }),
  facts: (classes, _, files) => Promise.resolve({ classes, read: files.length }),
  async open(item, { facts }) {
    opened.push(item.name);
    const sums: number[] = [];
    const head = { startSeconds: 0, seconds: 1, frames: 1, width: 0, height: 0 };
    return await Promise.resolve({
      head,
      windows: () => [{ untilSeconds: 1 }],
      batch: () => ({ x: Float32Array.of(1, 2) }),
      hear: (_: unknown, { scores }: Record<string, ArrayLike<number>>) => void sums.push(...Array.from(scores!)),
      findings: () => Object.fromEntries(facts.classes.map((name, i) => [name, sums[i]])),
    });
  },
};
const runtime = {
  judge,
  model: ({ width }: { width: number }, { classes }: NamedFacts) => ({
    inputs: { x: { shape: [1, 2] } },
    predict: (p: never, { x }: { x: never }) => {
      const head = (p as { at(name: string): never }).at('head');
      return {
        scores: linear(head, x, classes.length),
        ...(width > 1 && { more: linear((p as { at(name: string): never }).at('more'), x, width) }),
      };
    },
  }),
} as unknown as TaskRuntime;
const task = {
  name: 'made-up',
  settings: [{ key: 'width', default: 1 }],
  presets: [
    { name: 'wide', settings: { width: 5 } },
    { name: 'plain', settings: {} },
  ],
} as unknown as Task;

const tensor = (name: string, shape: number[], values: number[]) => ({
  ...{ name, dtype: 'F32' as const, shape },
  read: () => Promise.resolve({ dtype: 'F32' as const, shape, data: Float32Array.from(values) }),
});
const published = async (rows: number[][], bias: number[]) => ({
  path: 'published.safetensors',
  blob: await piecesToBlob(
    weightPieces('safetensors', [
      tensor('head.weight', [rows.length, 2], rows.flat()),
      tensor('head.bias', [bias.length], bias),
    ]),
  ),
});

let device: GPUDevice;
let service: JudgeService;
beforeAll(async () => {
  ({ device } = await openDevice());
  service = new JudgeService({
    devices: new DeviceOwner({
      open: () => Promise.resolve({ device, report: { ...sampleAdapter, software: true } }),
      measure: () => Promise.resolve(1),
    }),
    tasks: () => [{ task, load: () => Promise.resolve(runtime) }],
    checkpoints: memoryCheckpoints(),
    openTuning: () => Tuning.open({ adapter: 'test', measure: false }),
    openVideos: nodeVideos,
  });
});
afterAll(() => {
  service.release();
  device.destroy();
});

const rows = [
  [1, 0],
  [0, 1],
  [1, 1],
];

it('are guessed by their shapes, and judge by the names that the person gave', async () => {
  const weights = { kind: 'files', files: [await published(rows, [0, 0, 0.5])] } as const;
  const said = await service.inspect(weights);
  expect(said.card).toBeNull();
  const shares = said.guesses.map(({ preset, classes, matched, expected }) => [preset, classes, matched / expected]);
  expect(shares).toEqual([
    ['plain', 3, 1],
    ['wide', 3, 0.5],
  ]);
  const { settings } = said.guesses[0]!;
  const events: JudgeEvent[] = [];
  const classes = { names: ['jump', 'run', 'throw'], files: [] };
  const wish = { weights, weightsName: 'published', task: 'made-up', settings, facts: {}, classes };
  await service.judge({ ...wish, files: [{ path: 'a.mp4', blob: new Blob() }] }, (event) => events.push(event));
  expect(events.at(-1)).toMatchObject({
    result: { by: { facts: { classes: classes.names } }, findings: { jump: 1, run: 2, throw: 3.5 } },
  });
});

it('are refused in a sentence, and nothing is opened, where they do not fit', async () => {
  opened.length = 0;
  const weights = { kind: 'files', files: [await published(rows, [0, 0, 0])] } as const;
  const wish = { weights, weightsName: 'w', task: 'made-up', facts: {}, files: [{ path: 'a.mp4', blob: new Blob() }] };
  const classes = (names: string[]) => ({ names, files: [] });
  await expect(
    service.judge({ ...wish, settings: { width: 1 }, classes: classes(['one', 'two']) }, () => undefined),
  ).rejects.toMatchObject({ code: expect.stringMatching(/^weights-/) as string });
  expect(opened).toEqual([]);
});
