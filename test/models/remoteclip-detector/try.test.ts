// What is tried on pictures and videos is what the evaluation finds in them, joined over seams; names can be typed.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { wantsVocabulary } from '../../../src/text/vocabularyFile';
import type { WeightSource } from '../../../src/formats/openWeights';
import type { ClipFrames, OpenVideo, VideoStore } from '../../../src/frames/videoStore';
import type { BoxFindings } from '../../../src/models/remoteclip-detector/boxFindings';
import type { DetectorFacts } from '../../../src/models/remoteclip-detector/data';
import { detectorDataSettings } from '../../../src/models/remoteclip-detector/dataSettings';
import { findings, frameBoxes } from '../../../src/models/remoteclip-detector/findings';
import { framesAtRate, judgePictures } from '../../../src/models/remoteclip-detector/judgePictures';
import type { OpenedPicture } from '../../../src/models/remoteclip-detector/labelledPictures';
import { namedFacts } from '../../../src/models/remoteclip-detector/namedFacts';
import { ScoredPictures } from '../../../src/models/remoteclip-detector/scoredPictures';
import type { Settings } from '../../../src/models/settings';
import { runtime } from '../../../src/models/remoteclip-detector/runtime';
import { task } from '../../../src/models/remoteclip-detector/task';
import { seededRandom } from '../../../src/samples/seededRandom';
import type { Outputs } from '../../../src/training/batch';
import type { JudgedResult } from '../../../src/training/judging/judgedResult';
import { predictionShapes } from '../../../src/training/trainer/planTraining';
import { inspectWeights, type KnownTask } from '../../../src/training/weights/inspectWeights';
import { presetSettings } from '../../../src/ui/config/settingValues';

const classes = ['car', 'bus'];
const settings: Settings = { ...presetSettings(task, 'narrow'), imageSize: 160 };
const facts: DetectorFacts = { classes, tokens: [], givenFeatures: 0, keptDetail: 2 };
const queries = 30;

function opened(width: number, height: number, frames: number, framesPerSecond = 10): OpenVideo {
  const times = Float64Array.from({ length: frames }, (_, i) => i / framesPerSecond);
  return {
    ...{ times, crop: null, facts: { width, height, durationSeconds: frames / framesPerSecond } },
  } as unknown as OpenVideo;
}

function storeOf(video: OpenVideo, seen: ClipFrames[] = []): VideoStore {
  return {
    open: () => Promise.resolve(video),
    openPictures: () => Promise.resolve(video),
    input(clips: readonly ClipFrames[]) {
      seen.push(...clips);
      return { writeFrames: () => Promise.resolve() };
    },
  } as unknown as VideoStore;
}

function randomOutputs(count: number): Outputs[] {
  const random = seededRandom(7);
  const values = (length: number, scale: number) => Float32Array.from({ length }, () => scale * random());
  return Array.from({ length: count }, () => ({
    boxes: values(queries * 4, 0.9),
    logits: values(queries * 3, 4),
    similarity: values(2, 0.5),
  }));
}

async function tried(path: string, store: VideoStore, wanted = settings) {
  const order = { settings: wanted, facts, videos: store, tell: () => undefined, found: () => undefined };
  const item = { name: path, files: [{ path, blob: new Blob() }] };
  return await judgePictures.open(item, { ...order, signal: new AbortController().signal });
}

function resultOf(name: string, head: JudgedResult['head'], found: unknown): JudgedResult<BoxFindings> {
  return { name, head, findings: JSON.parse(JSON.stringify(found)) as BoxFindings, untilSeconds: 1 } as never;
}

const live = { shownScore: 0.6, nmsThreshold: Number(settings['nmsThreshold']) };

describe('a tried picture', () => {
  it('has the boxes of the evaluation, from the same tiles, whatever is shown of them', async () => {
    const video = opened(400, 300, 1);
    const seen: ClipFrames[] = [];
    const store = storeOf(video, seen);
    const picture: OpenedPicture = { path: '12.jpg', split: 'val', video, boxes: [] };
    const scored = new ScoredPictures([picture], detectorDataSettings(settings), store);
    const outputs = randomOutputs(scored.clips.length);
    scored.batch(outputs.map((_, i) => i));
    const judged = await tried('a/12.jpg', store);
    const windows = [...(judged.windows() as Iterable<{ untilSeconds: number }>)];
    judged.batch(windows);
    expect(seen.slice(windows.length).map(({ window }) => window)).toEqual(
      seen.slice(0, windows.length).map(({ window }) => window),
    );
    windows.forEach((window, i) => judged.hear(window, outputs[i]!));
    const result = resultOf('a/12.jpg', judged.head, await judged.findings());
    const [evaluated] = scored.read(outputs, 2);
    const frame = result.findings.frames[0]!;
    expect(evaluated!.found.length).toBeGreaterThan(20);
    expect(frameBoxes(frame, live, true)).toEqual(evaluated!.found);
    expect(frame.similarity).toEqual(evaluated!.similarity);
    const written = JSON.parse(findings.exports[0]!.write([result], live) as string) as Record<string, unknown>[];
    expect(written).toEqual(
      evaluated!.found.map(({ box: [x0, y0, x1, y1], category, score }) => ({
        ...{ image_id: 12, category_id: category + 1, category: classes[category], score },
        bbox: [x0, y0, x1 - x0, y1 - y0],
      })),
    );
    const csv = findings.exports[1]!.write([result], live) as string;
    const shown = evaluated!.found.filter(({ score }) => score >= 0.6);
    expect(csv.trim().split('\n')).toHaveLength(1 + shown.length);
    const fewer = findings.read(result, { ...live, nmsThreshold: 0.1 }, 'en');
    expect(fewer.numbers.reduce((sum, [, count]) => sum + Number(count), 0)).toBeLessThan(shown.length);
    expect(findings.read(result, live, 'en').spans).toEqual([]);
  });
});

describe('a tried video', () => {
  it('has boxes in each frame that is judged, and spans where a class is seen', async () => {
    const video = opened(160, 160, 20);
    const judged = await tried('a.mp4', storeOf(video), { ...settings, judgedRate: 5 });
    const windows = [...(judged.windows() as Iterable<{ untilSeconds: number; frame: number }>)];
    expect(windows.map(({ frame }) => frame)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18]);
    expect(windows.at(-1)!.untilSeconds).toBe(2);
    // A car in the middle of the second to the fourth of them.
    windows.forEach((window, i) => {
      const logits = new Float32Array(queries * 3).map((_, k) => (k % 3 === 2 ? 9 : 0));
      if (i >= 1 && i < 4) logits.set([9, 0, 0]);
      judged.hear(window, {
        boxes: new Float32Array(queries * 4).fill(0.5),
        logits,
        similarity: Float32Array.of(1, 0),
      });
    });
    const result = resultOf('a.mp4', judged.head, await judged.findings());
    const { spans, moments, timestamps } = findings.read(result, live, 'en');
    expect(spans).toMatchObject([{ from: 0.2, until: 0.8, label: 'car', lane: 'car' }]);
    expect(moments.map(({ seconds }) => seconds)).toEqual([0.2, 0.4, 0.6]);
    expect([...timestamps]).toHaveLength(10);
    const written = JSON.parse(findings.exports[0]!.write([result], live) as string) as { frame: number }[];
    expect(written.map(({ frame }) => frame)).toEqual([2, 4, 6]);
  });

  it('is judged frame by frame where no rate is asked for', () => {
    expect(framesAtRate([0, 0.03, 0.07], 0)).toEqual([0, 1, 2]);
    expect(framesAtRate([0, 0.033, 0.066, 0.1, 0.133, 2], 10)).toEqual([0, 3, 5]);
  });
});

describe('typed names', () => {
  const file = '../shared/data/clip/bpe_simple_vocab_16e6.txt.gz';
  const texts = { ...settings, classFeatures: 'texts', names: ['swimming pool', 'car'] };

  it.skipIf(!existsSync(file))('are read by the text tower, with the vocabulary among the files', async () => {
    const vocabulary = { path: 'bpe_simple_vocab_16e6.txt.gz', blob: new Blob([readFileSync(file)]) };
    const named = await namedFacts(facts, texts, [vocabulary]);
    expect(named.classes).toEqual(['swimming pool', 'car']);
    expect(named.tokens.map((ids) => ids.length)).toEqual([4, 4]);
    expect(named.tokens[0]![3]).toBe(49407);
    await expect(namedFacts(facts, texts, [])).rejects.toMatchObject({
      code: 'remoteclip-detector-vocabulary',
      detail: wantsVocabulary,
    });
    expect(judgePictures.items!([vocabulary, { path: 'a.jpg', blob: new Blob() }])).toMatchObject([{ name: 'a.jpg' }]);
  });

  it('are refused where a vector was learned for each class, and wanted where weights know none', async () => {
    await expect(namedFacts(facts, { ...texts, classFeatures: 'learned' }, [])).rejects.toMatchObject({
      code: 'remoteclip-detector-names-learned',
    });
    await expect(namedFacts({} as DetectorFacts, { ...texts, names: [] }, [])).rejects.toMatchObject({
      code: 'remoteclip-detector-names',
    });
    expect(await namedFacts(facts, { ...texts, names: [] }, [])).toEqual(facts);
  });
});

describe("CLIP's own weights", () => {
  const whole = (preset: string): Settings => presetSettings(task, preset);

  it('are known by their names, take any class names, and say their activation or are refused', async () => {
    const facts = await judgePictures.facts!([], whole('published'), []);
    const shapes = predictionShapes(runtime.model(whole('published'), facts));
    expect(shapes.has('visual.attnpool.c_proj.weight') && shapes.has('text_projection')).toBe(true);
    const source = (path: string) =>
      ({
        ...{ path, format: 'pth', bytes: 1, metadata: {}, passedOver: [] },
        tensors: [...shapes].map(([name, shape]) => ({ ...{ name, shape, group: '', dtype: 'F32', stored: null } })),
      }) as unknown as WeightSource;
    const known = [{ task, load: () => Promise.resolve(runtime) }] as unknown as KnownTask[];
    const [best] = (await inspectWeights(source('RemoteCLIP-RN50.pt'), known)).guesses;
    expect(best).toMatchObject({ preset: 'published', classes: 0, matched: best!.expected });
    expect(runtime.settingsFrom!(source('RemoteCLIP-RN50.pt'), best!.settings)).toEqual({ textActivation: 'gelu' });
    expect(() => runtime.settingsFrom!(source('rn50.pt'), best!.settings)).toThrow(
      expect.objectContaining({ code: 'remoteclip-detector-text-activation' }) as Error,
    );
    const chosen = { ...best!.settings, textActivation: 'quick_gelu' };
    expect(runtime.settingsFrom!(source('rn50.pt'), chosen)).toEqual({});
  });
});
