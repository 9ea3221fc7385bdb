// Try against the evaluation: the same weights on the same videos, once with labels and once as files without any.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Tuning } from '../../../src/engine/device/tuning';
import { narrowHalf } from '../../../src/formats/halfFloat';
import type { FrameTarget } from '../../../src/frames/frameInput';
import type { ClipFrames, VideoStore } from '../../../src/frames/videoStore';
import { mntsmDataSettings } from '../../../src/models/mntsm/dataSettings';
import type { FaceFindings } from '../../../src/models/mntsm/faceFindings';
import { videoScore } from '../../../src/models/mntsm/findings';
import { runtime } from '../../../src/models/mntsm/runtime';
import { ScoredClips } from '../../../src/models/mntsm/scoredClips';
import { task } from '../../../src/models/mntsm/task';
import { videoScores } from '../../../src/metrics/videoScores';
import { memoryCheckpoints } from '../../../src/runs/memoryStores';
import { checkpointFile } from '../../../src/training/checkpoints/checkpoint';
import type { JudgeEvent } from '../../../src/training/judging/judgeProtocol';
import { JudgeService } from '../../../src/training/judging/judgeService';
import { DeviceOwner } from '../../../src/training/session/deviceOwner';
import type { SessionState } from '../../../src/training/session/sessionState';
import { ofClip } from '../../../src/training/trainer/clipOutputs';
import { createTrainer } from '../../../src/training/trainer/createTrainer';
import { presetSettings } from '../../../src/ui/config/settingValues';
import { openDevice } from '../../helpers/gpu';
import { hashValues } from '../../helpers/hashValues';
import { sampleAdapter } from '../../runs/sampleRecord';
import { sampleFace } from './faces';

const settings = {
  ...presetSettings(task, 'demo'),
  ...{ batch: 4, imageSize: 32, cropShare: 1, faceCrop: 'none', mixedPrecision: false, cacheFrames: false },
};
const faces = [sampleFace('a.mp4', 1.5), sampleFace('b.mp4', 2.3, { manipulated: true, split: 'val' })];

/** Frames whose pixels follow from the video's name and their number, however a clip came to them. */
function frames(clips: readonly ClipFrames[], { size }: { size: { width: number; height: number } }) {
  return {
    writeFrames({ device, buffers, firstElement, elements, format }: FrameTarget): Promise<void> {
      const length = 3 * size.width * size.height;
      const all = clips.flatMap(({ video, frames: numbers }) =>
        numbers.map((number) => hashValues(`${video.facts.path} ${number}`, length)),
      );
      const whole = new Float32Array(all.length * length);
      all.forEach((one, i) => whole.set(one, i * length));
      buffers.forEach((buffer, k) => {
        const part = whole.slice(k * elements, (k + 1) * elements);
        const at = firstElement * (format === 'f16' ? 2 : 4);
        device.queue.writeBuffer(buffer, at, format === 'f16' ? narrowHalf(part) : part);
      });
      return Promise.resolve();
    },
  };
}

const store = {
  open: ({ path }: { path: string }) => Promise.resolve(faces.find((face) => face.path === path)!.video),
  input: frames,
  close: () => undefined,
  dispose: () => undefined,
} as unknown as VideoStore;

let device: GPUDevice;
beforeAll(async () => {
  ({ device } = await openDevice());
});
afterAll(() => device.destroy());

it('scores clips and videos as the evaluation does', async () => {
  const trainer = await createTrainer({ device, runtime, settings, facts: {} });
  const scored = new ScoredClips({ validation: faces, training: [], test: [] }, mntsmDataSettings(settings), store);
  await trainer.predicts;
  const outputs = [];
  for (let first = 0; first < scored.clips.length; first += 4) {
    const indices = [0, 1, 2, 3].map((i) => Math.min(first + i, scored.clips.length - 1));
    const some = await trainer.predict(await trainer.stage(scored.batch(indices)));
    for (let i = 0; i < 4 && first + i < scored.clips.length; i++) outputs.push(ofClip(some, i, 4));
  }
  const evaluated = scored.read(outputs);
  const checkpoints = memoryCheckpoints();
  const random = { generator: 'philox4x32-10', seed: 3 };
  const about = {
    format: 2,
    task: 'mntsm',
    preset: 'demo',
    settings,
    facts: {},
    step: 1,
    epoch: 1,
    random,
    best: null,
  };
  await checkpoints.write('a', 1, checkpointFile({ state: about as unknown as SessionState, ...trainer.state() }));
  trainer.dispose();

  const service = new JudgeService({
    devices: new DeviceOwner({
      open: () => Promise.resolve({ device, report: { ...sampleAdapter, software: false } }),
      measure: () => Promise.resolve(1),
    }),
    tasks: () => [{ task, load: () => Promise.resolve(runtime) }],
    checkpoints,
    openTuning: () => Tuning.open({ adapter: 'test', measure: false }),
    openVideos: () => store,
  });
  const weights = { kind: 'run', runId: 'a', which: 'last', weights: 'raw' } as const;
  const said = await service.inspect(weights);
  const events: JudgeEvent[] = [];
  await service.judge(
    {
      ...{ weights, weightsName: 'a', task: 'mntsm', settings: said.card!.settings, facts: said.card!.facts },
      files: faces.map(({ path }) => ({ path, blob: new Blob() })),
    },
    (event) => events.push(event),
  );
  service.release();
  expect(events.filter(({ type }) => type === 'refused')).toEqual([]);
  const videos = videoScores(
    evaluated.map(({ face, score }) => ({ video: face.path, score, positive: face.manipulated })),
  );
  let worst = 0;
  for (const [item, { path }] of faces.entries()) {
    const last = events.findLast((event) => event.type === 'result' && event.item === item);
    const { findings } = (last as { result: { findings: FaceFindings } }).result;
    const own = evaluated.filter(({ face }) => face.path === path);
    expect(findings.faces[0]!.clips).toHaveLength(own.length);
    expect(own.length).toBeGreaterThan(2);
    findings.faces[0]!.clips.forEach(({ score, frameScores, attention }, i) => {
      worst = Math.max(worst, Math.abs(score - own[i]!.score));
      frameScores.forEach((one, k) => (worst = Math.max(worst, Math.abs(one - own[i]!.frameScores[k]!))));
      attention.forEach((one, k) => (worst = Math.max(worst, Math.abs(one - own[i]!.attention[k]!))));
    });
    worst = Math.max(worst, Math.abs(videoScore(findings)! - videos[item]!.score));
  }
  // Random weights must not score everything alike.
  expect(new Set(evaluated.map(({ score }) => score)).size).toBe(evaluated.length);
  console.log(`judged scores differ from the evaluation's by ${worst.toExponential(2)} at most`);
  expect(worst).toBeLessThan(1e-5);
}, 180_000);
