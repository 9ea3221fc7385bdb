// Judging without labels: the same windows and the same scores as the evaluation's, texts that somebody typed, exports.
import { describe, expect, it } from 'vitest';
import type { ClipFrames, OpenVideo, VideoStore } from '../../../src/frames/videoStore';
import { fgclipDataSettings } from '../../../src/models/fgclip-vad/dataSettings';
import type { AnomalyFindings } from '../../../src/models/fgclip-vad/anomalyFindings';
import type { OpenedAnomaly } from '../../../src/models/fgclip-vad/anomalies';
import { findings as read } from '../../../src/models/fgclip-vad/findings';
import { judgeAnomalies } from '../../../src/models/fgclip-vad/judgeAnomalies';
import { ScoredWindows } from '../../../src/models/fgclip-vad/scoredWindows';
import { factsOfNames } from '../../../src/models/fgclip-vad/texts';
import type { JudgedResult } from '../../../src/training/judging/judgedResult';
import type { JudgeWindow } from '../../../src/training/judging/taskJudge';
import type { Batch, Outputs } from '../../../src/training/runtime';
import type { VideoFacts } from '../../../src/video/videoFile';

const settings = {
  ...{ frames: 4, imageSize: 8, sampleEvery: 3, score: 'milPlace', model: 'narrow', cacheFrames: true },
  typed: ['a red car', 'nobody'],
};
const times = Float64Array.from({ length: 40 }, (_, k) => k / 10);
const facts = { times, durationSeconds: 4, width: 20, height: 10 } as Partial<VideoFacts> as VideoFacts;
const video = { facts, times, crop: null } as Partial<OpenVideo> as OpenVideo;
const store = {
  open: () => Promise.resolve(video),
  input: (clips: readonly ClipFrames[]) => ({ clips, writeFrames: () => Promise.resolve() }),
} as Partial<VideoStore> as VideoStore;
const file = { path: 'a.mp4', blob: new Blob(['video']) };
const classes = ['Normal', 'Cart'];

/** A model that makes up its outputs from the frames that it is shown. */
function outputsOf(batch: Batch): Outputs {
  const [{ frames }] = (batch['frames'] as unknown as { clips: readonly [ClipFrames] }).clips;
  const [some, two, four] = [1, 2, 4].map((width) =>
    Float32Array.from({ length: frames.length * width }, (_, k) => {
      const value = Math.sin(7 * frames[Math.floor(k / width)]! + 3 * (k % width) + width + frames[0]!);
      return 0.5 + 0.5 * value;
    }),
  ) as [Float32Array, Float32Array, Float32Array];
  return { head: some, classes: two, headClasses: two.map((one) => 1 - one), places: four, typed: two };
}

async function judged(): Promise<AnomalyFindings> {
  const judge = judgeAnomalies;
  const known = await judge.factsFor!(factsOfNames(['Cart']), settings, [file]);
  const opened = await judge.open(
    { name: 'a.mp4', files: [file] },
    {
      ...{ settings, facts: known, videos: store, signal: new AbortController().signal },
      tell: () => undefined,
      found: () => undefined,
    },
  );
  for (const window of opened.windows() as Iterable<JudgeWindow>)
    opened.hear(window, outputsOf(opened.batch([window])));
  return (await opened.findings()) as AnomalyFindings;
}

describe('trying weights', () => {
  it('gives every score of the evaluation to the bit', async () => {
    const item = { path: 'a.mp4', video, range: [0, times.length] } as unknown as OpenedAnomaly;
    const scored = new ScoredWindows({ validation: [item], training: [] }, 2, fgclipDataSettings(settings), store);
    const outputs = Array.from({ length: scored.count }, (_, k) => outputsOf(scored.batch([k])));
    const [curves] = scored.read(outputs);
    const found = await judged();
    expect(found.shown).toBe('milPlace');
    expect(found.times).toHaveLength(14);
    expect(Object.keys(found.scores).sort()).toEqual(Object.keys(curves!.scores).sort());
    for (const [kind, values] of Object.entries(curves!.scores))
      expect(found.scores[kind as keyof typeof found.scores], kind).toEqual([...values]);
    expect(found.probabilities).toEqual([...curves!.classes]);
  });

  it('follows texts that somebody typed, and takes them home', async () => {
    const found = await judged();
    expect(found.typed).toEqual(settings.typed);
    expect(found.similarities).toHaveLength(2 * found.times.length);
    const result = {
      ...{ name: 'a.mp4', findings: found, untilSeconds: 4 },
      head: { startSeconds: 0, seconds: 4, frames: 40, width: 20, height: 10 },
    } as unknown as JudgedResult<AnomalyFindings>;
    const curve = read.exports.find(({ name }) => name === 'curve.csv')!.write([result], { threshold: 0.5 }) as string;
    const [header, first] = curve.split(/\r?\n/);
    expect(header).toContain('a red car');
    expect(first!.split(',').at(-1)).toBe(String(found.similarities![1]));
  });
});

describe('texts that somebody types', () => {
  const clip = { ...factsOfNames(['Cart']), classes, vocabulary: 'clip' } as const;

  it('need the vocabulary that the weights know', async () => {
    await expect(judgeAnomalies.factsFor!(clip, settings, [file])).rejects.toThrow('bpe_simple_vocab_16e6.txt.gz');
    expect(await judgeAnomalies.factsFor!(clip, { ...settings, typed: [] }, [file])).toBe(clip);
  });

  it('do not make the vocabulary a file to judge', () => {
    const files = [file, { path: 'x/bpe_simple_vocab_16e6.txt.gz', blob: new Blob([]) }];
    expect(judgeAnomalies.items!(files).map(({ name }) => name)).toEqual(['a.mp4']);
  });
});
