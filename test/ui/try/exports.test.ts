// What leaves Try: the field's own forms, subtitles that players read, and scores that are the evaluation's.
import { expect, it } from 'vitest';
import { binaryScores } from '../../../src/metrics/binaryScores';
import { videoScores } from '../../../src/metrics/videoScores';
import { findings, videoScore } from '../../../src/models/mntsm/findings';
import type { FaceFindings } from '../../../src/models/mntsm/faceFindings';
import { readResults, type JudgedResult } from '../../../src/training/judging/judgedResult';
import { csvOf, spansCsv, subRip, webVtt } from '../../../src/ui/judged/spanTexts';
import { stemOf } from '../../../src/formats/filePaths';
import { exportsOf } from '../../../src/ui/try/exports';

const spans = [
  { from: 3661.5, until: 3662, label: 'long <jump>', score: 0.9, lane: '' },
  { from: 0.04, until: 1.9996, label: 'a, "b"', score: 0.25, lane: 'face 1' },
];

function result(name: string, scores: readonly number[]): JudgedResult<FaceFindings> {
  const clips = scores.map((score, i) => ({
    ...{ times: [i, i + 0.5], score, attention: [0.25, 0.75], frameScores: [score, score / 2] },
  }));
  return {
    ...{ format: 'tabtune-result', version: 1, resultId: name, task: 'mntsm', name, createdAt: 1 },
    by: { name: 'quiet-heron, best', settings: { threshold: 0.5 }, facts: {} },
    head: { startSeconds: 0, seconds: scores.length, frames: 2 * scores.length, width: 224, height: 224 },
    ...{ untilSeconds: scores.length, whole: true, notices: [] },
    findings: { faces: [{ name: '', times: [], boxes: [], clips }] },
  };
}

it('writes cues in the order of time, escaped for WebVTT, with a comma for SubRip', () => {
  expect(webVtt(spans)).toBe(
    'WEBVTT\n\n00:00:00.040 --> 00:00:02.000\nface 1 a, "b"\n\n01:01:01.500 --> 01:01:02.000\nlong &lt;jump&gt;\n',
  );
  expect(subRip(spans)).toBe(
    '1\n00:00:00,040 --> 00:00:02,000\nface 1 a, "b"\n\n2\n01:01:01,500 --> 01:01:02,000\nlong <jump>\n',
  );
});

it('says a label once where its lane has the same name', () => {
  const [span] = spans;
  expect(subRip([{ ...span!, label: 'jump', lane: 'jump' }])).toBe('1\n01:01:01,500 --> 01:01:02,000\njump\n');
});

it('quotes fields of CSV, and writes the head where there are no rows', () => {
  expect(
    spansCsv([{ name: 'x.mp4', spans }])
      .split('\n')
      .slice(0, 3),
  ).toEqual([
    'video,start,end,label,score,lane',
    'x.mp4,3661.5,3662,long <jump>,0.9,',
    'x.mp4,0.04,1.9996,"a, ""b""",0.25,face 1',
  ]);
  expect(spansCsv([])).toBe('video,start,end,label,score,lane\n');
  expect(csvOf([{ a: 0.1234567891, b: null }])).toBe('a,b\n0.123457,\n');
});

it('scores a video as the evaluation does', () => {
  const videos = [result('a.mp4', [0.9, 0.4, 0.8]), result('b.mp4', [0.1, 0.3]), result('c.mp4', [NaN, 0.2])];
  const clips = videos.flatMap(({ name, findings: { faces } }, i) =>
    faces[0]!.clips.map(({ score }) => ({ video: name, score, positive: i === 0 })),
  );
  const judged = videoScores(clips);
  expect(videos.map((one) => videoScore(one.findings))).toEqual(judged.map(({ score }) => score));
  expect(binaryScores(judged).auc).toBe(1);
});

it('says that nobody was found, which is no score', () => {
  const nobody = { ...result('empty.mp4', []), findings: { faces: [] }, untilSeconds: 5 };
  expect(videoScore(nobody.findings)).toBeNull();
  expect(findings.read(nobody, { threshold: 0.5 }, 'en').verdict).toBe('no face found');
});

it('moves the threshold without running again', () => {
  const one = result('a.mp4', [0.9, 0.4, 0.8]);
  const colours = (threshold: number) => findings.read(one, { threshold }, 'en').spans.map(({ colour }) => colour);
  expect(colours(0.5)).toEqual(['--plot-2', '--plot-1', '--plot-2']);
  expect(colours(0.85)).toEqual(['--plot-2', '--plot-1', '--plot-1']);
});

it('opens what it wrote', () => {
  const one = result('clips/a.b.mp4', [0.9, 0.4]);
  const offers = exportsOf(findings, one, { threshold: 0.5 }, 'en');
  expect(offers.map(({ name }) => name)).toEqual(['result.json', 'scores.json', 'frames.csv', 'csv', 'vtt', 'srt']);
  expect(readResults(String(offers[0]!.write([one])), 'a.result.json')).toEqual([one]);
  expect(readResults(String(offers[0]!.write([one, one])), 'a.result.json')).toHaveLength(2);
  expect(stemOf(one.name)).toBe('a.b');
  for (const text of ['[]', '{}', 'x', '[{"format":"tabtune-result"}]'])
    expect(() => readResults(text, 'x.json')).toThrow('not a result');
});
