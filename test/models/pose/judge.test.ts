// Try against the evaluation: the same weights on the same key points, once with labels and once as a file without any.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { preparePose } from '../../../src/models/pose/data';
import { poseDataSettings } from '../../../src/models/pose/dataSettings';
import { videosOfAllCameras } from '../../../src/models/pose/poseVideos';
import type { PoseVideo } from '../../../src/models/pose/poseVideos';
import type { PoseFindings } from '../../../src/models/pose/poseFindings';
import { runtime } from '../../../src/models/pose/runtime';
import { loadSequences } from '../../../src/models/pose/sequences';
import { task } from '../../../src/models/pose/task';
import type { PoseView } from '../../../src/models/pose/viewPayload';
import { memoryCheckpoints } from '../../../src/runs/memoryStores';
import { checkpointFile } from '../../../src/training/checkpoints/checkpoint';
import type { JudgeEvent } from '../../../src/training/judging/judgeProtocol';
import { JudgeService } from '../../../src/training/judging/judgeService';
import { DeviceOwner } from '../../../src/training/session/deviceOwner';
import { DeviceWatch } from '../../../src/training/session/deviceWatch';
import { evaluate } from '../../../src/training/session/evaluate';
import type { SessionState } from '../../../src/training/session/sessionState';
import { createTrainer } from '../../../src/training/trainer/createTrainer';
import { exportWeights } from '../../../src/training/weights/exportWeights';
import { Tuning } from '../../../src/engine/device/tuning';
import { presetSettings } from '../../../src/ui/config/settingValues';
import { nodeVideos } from '../../../tools/nodeVideos';
import { openDevice } from '../../helpers/gpu';
import { sampleAdapter } from '../../runs/sampleRecord';

const settings = {
  ...presetSettings(task, 'demo'),
  ...{ frames: 9, batch: 64, width: 16, representation: 32, testFlip: true, mixedPrecision: false },
};
const silent = () => undefined;

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

/** The key points of a view as a person would have them: a file of plain JSON. */
function keyPoints({ input, width, height, frames, factor }: PoseVideo, frameRate: number): Blob {
  const pixel = (value: number, c: number) =>
    c === 2 ? value : ((value + (c === 0 ? 1 : height / width)) * width) / 2;
  const points = Array.from({ length: frames }, (_, f) =>
    Array.from({ length: 17 }, (_, j) => [0, 1, 2].map((c) => pixel(input[(f * 17 + j) * 3 + c]!, c))),
  );
  const times = Array.from({ length: frames }, (_, i) => i / frameRate);
  return new Blob([JSON.stringify({ width, height, times, points, millimetresPerPixel: Array.from(factor) })]);
}

it('lifts a file of key points to the poses of the evaluation', async () => {
  const data = await preparePose({ kind: 'demo' }, settings, silent);
  const trainer = await createTrainer({ device, runtime, settings, facts: {} });
  const watch = new DeviceWatch(device);
  await trainer.predicts;
  const judged = await evaluate({ trainer, data, watch, goOn: () => Promise.resolve(true) });
  const checkpoints = memoryCheckpoints();
  const random = { generator: 'philox4x32-10', seed: 3 };
  const about = { format: 2, task: 'pose', preset: 'demo', settings, facts: {}, step: 1, epoch: 1, random, best: null };
  await checkpoints.write('a', 1, checkpointFile({ state: about as unknown as SessionState, ...trainer.state() }));
  trainer.dispose();

  const weights = await exportWeights(checkpoints, 'a', {
    ...{ which: 'last', format: 'pth', weights: 'raw', metricName: 'P1' },
  });
  const service = new JudgeService({
    devices: new DeviceOwner({
      open: () => Promise.resolve({ device, report: { ...sampleAdapter, software: false } }),
      measure: () => Promise.resolve(1),
    }),
    tasks: () => [{ task, load: () => Promise.resolve(runtime) }],
    checkpoints,
    openTuning: () => Tuning.open({ adapter: 'test', measure: false }),
    openVideos: nodeVideos,
  });
  const choice = { kind: 'files', files: [{ path: 'weights.pth', blob: weights }] } as const;
  const said = await service.inspect(choice);
  expect(said.card).toMatchObject({ task: 'pose', preset: 'demo', settings });

  const { frameRate, noise } = poseDataSettings(settings);
  const { sequences } = await loadSequences({ kind: 'demo' }, frameRate, silent);
  const views = videosOfAllCameras(sequences, noise);
  const shown = (judged!.view as PoseView).sequences;
  const files = shown.map(({ name, camera }, i) => {
    const view = views.find((one) => one.name === name && one.camera === camera)!;
    return { path: `person ${i}.json`, blob: keyPoints(view, frameRate) };
  });
  const events: JudgeEvent[] = [];
  const config = {
    weights: choice,
    weightsName: 'weights.pth',
    task: 'pose',
    settings: said.card!.settings,
    facts: {},
  };
  await service.judge({ ...config, files }, (event) => events.push(event));
  service.release();
  expect(events.filter(({ type }) => type === 'refused')).toEqual([]);
  let worst = 0;
  for (const [item, { prediction, frames, name }] of shown.entries()) {
    const last = events.findLast((event) => event.type === 'result' && event.item === item);
    expect(last, name).toMatchObject({ result: { whole: true, task: 'pose' } });
    const [person] = (last as { result: { findings: PoseFindings } }).result.findings.people;
    for (let i = 0; i < frames * 51; i++) {
      const millimetres = person!.poses[i]! * person!.millimetresPerPixel![Math.floor(i / 51)]!;
      worst = Math.max(worst, Math.abs(millimetres - prediction[i]!));
    }
  }
  console.log(`judged poses differ from the evaluation's by ${worst.toExponential(2)} mm at most`);
  expect(worst).toBeLessThan(0.01);
});
