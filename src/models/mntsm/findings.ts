// What judging faces found, for the page: one score for each face and for the video, spans of clips, per-frame scores to take away.
import { soundScore } from '../../metrics/binaryScores';
import { videoScores } from '../../metrics/videoScores';
import { fixed } from '../../ui/format/quantities';
import type { JudgedVideo } from '../../ui/judged/judgedPass';
import type { FindingsReading, FoundMoment, FoundSpan, TaskFindings } from '../../ui/judged/taskFindings';
import { csvOf, type Row } from '../../ui/judged/spanTexts';
import { frameAt } from '../../ui/player/frames';
import type { Overlay } from '../../ui/player/draw';
import type { JudgedResult } from '../../training/judging/judgedResult';
import type { Settings } from '../settings';
import type { FaceFindings, JudgedFace } from './faceFindings';
import { standardError } from './standardError';
import { task } from './task';
import { findingsStrings } from './viewStrings';

type FaceResult = JudgedResult<FaceFindings>;

/** Frames that are listed as decisive. */
const decisiveFrames = 8;
/** Mean of a face's clips, as in the evaluation (spec section 11); null where no clip was judged yet. */
export function faceScore({ clips }: JudgedFace): number | null {
  const [video] = videoScores(clips.map(({ score }) => ({ video: '', score, positive: false })));
  return video?.score ?? null;
}

/** The highest of the faces' scores; null where there is none: that is no score. */
export function videoScore({ faces }: FaceFindings): number | null {
  const scores = faces.map(faceScore).filter((score) => score !== null);
  return scores.length > 0 ? Math.max(...scores) : null;
}

/** One face in the form in which the evaluation's view draws a video. */
export function asJudgedVideo({ head, name }: Pick<FaceResult, 'head' | 'name'>, face: JudgedFace): JudgedVideo {
  return {
    name: face.name === '' ? name : face.name,
    truth: null,
    kind: '',
    seconds: head.startSeconds + head.seconds,
    score: faceScore(face) ?? 0,
    uncertainty: standardError(face.clips.map(({ score }) => soundScore(score))),
    clips: face.clips.map(({ times, score, attention, frameScores }) => ({
      times: Float32Array.from(times),
      score,
      attention: Float32Array.from(attention),
      frameScores: Float32Array.from(frameScores),
    })),
    stills: [],
  };
}

function spansOf(face: JudgedFace, end: number, threshold: number): FoundSpan[] {
  return face.clips.map(({ times, score }) => {
    const step = times.length > 1 ? times.at(-1)! - times.at(-2)! : 0;
    return {
      ...{ from: times[0]!, until: Math.min(end, times.at(-1)! + step), label: score.toFixed(2), score },
      ...{ lane: face.name, colour: score >= threshold ? '--plot-2' : '--plot-1' },
    };
  });
}

function momentsOf(face: JudgedFace): FoundMoment[] {
  const best = new Map<number, { weight: number; score: number }>();
  for (const { times, attention, frameScores } of face.clips)
    times.forEach((seconds, i) => {
      const weight = attention[i]! * Math.abs(frameScores[i]! - 0.5);
      if (weight > (best.get(seconds)?.weight ?? -1)) best.set(seconds, { weight, score: frameScores[i]! });
    });
  return [...best]
    .sort(([, a], [, b]) => b.weight - a.weight)
    .slice(0, decisiveFrames)
    .map(([seconds, { score }]) => ({ seconds, label: face.name, score }));
}

/** The parts of the picture that were looked at; each stays until the next one's time. */
function boxes(faces: readonly JudgedFace[], timestamps: Float64Array, threshold: number): Overlay {
  return (context, { width, height, frame, colour }) => {
    const seconds = timestamps[frame] ?? 0;
    for (const face of faces) {
      if (face.boxes.length === 0) continue;
      const at = frameAt(Float64Array.from(face.times), seconds);
      const [left, top, across, down] = face.boxes[at]!;
      const score = faceScore(face);
      context.strokeStyle = colour(score !== null && score >= threshold ? '--plot-2' : '--plot-1');
      context.lineWidth = 2;
      context.strokeRect(left * width, top * height, across * width, down * height);
      if (score === null) continue;
      context.font = '600 13px system-ui, sans-serif';
      context.fillStyle = context.strokeStyle;
      context.fillText(`${face.name} ${score.toFixed(2)}`.trim(), left * width + 4, top * height + 16);
    }
  };
}

function read({ findings, head, untilSeconds }: FaceResult, live: Settings, locale: 'en' | 'zh-CN'): FindingsReading {
  const text = findingsStrings[locale];
  const threshold = Number(live['threshold']);
  const { faces } = findings;
  const score = videoScore(findings);
  const end = head.startSeconds + head.seconds;
  const times = new Set(faces.flatMap(({ clips }) => clips.flatMap((clip) => clip.times)));
  const timestamps = Float64Array.from([...times].sort((a, b) => a - b));
  const two = (value: number): string => fixed(locale, value, 2);
  const verdict =
    score !== null
      ? text.verdict(two(score), score >= threshold, two(threshold))
      : faces.length === 0 && untilSeconds > 0
        ? text.noFace
        : text.noClip;
  return {
    verdict,
    numbers: [
      ...(score === null ? [] : [[text.score, two(score)] as const]),
      ...(faces.length > 1 ? faces.map((face) => [face.name, two(faceScore(face) ?? 0)] as const) : []),
      [text.clips, String(faces.reduce((sum, { clips }) => sum + clips.length, 0))],
    ],
    spans: faces.flatMap((face) => spansOf(face, end, threshold)),
    moments: faces.flatMap(momentsOf),
    timestamps,
    overlays: [boxes(faces, timestamps, threshold)],
  };
}

/** Each frame of each clip. */
function frameRows(results: readonly FaceResult[]): Row[] {
  return results.flatMap(({ name: file, findings }) =>
    findings.faces.flatMap(({ name: face, clips }) =>
      clips.flatMap(({ times, score, attention, frameScores }, i) =>
        times.map((seconds, k) => ({
          ...{ file, face, seconds, clip: i + 1, frameScore: frameScores[k]!, attention: attention[k]! },
          clipScore: score,
        })),
      ),
    ),
  );
}

function scoresJson(results: readonly FaceResult[], live: Settings): string {
  const threshold = Number(live['threshold']);
  const videos = results.map(({ name, findings }) => {
    const score = videoScore(findings);
    return {
      ...{ video: name, score, manipulated: score === null ? null : score >= threshold },
      faces: findings.faces.map((face) => ({ face: face.name, score: faceScore(face), clips: face.clips })),
    };
  });
  return `${JSON.stringify({ task: task.name, threshold, videos }, null, 1)}\n`;
}

export const findings: TaskFindings<FaceFindings> = {
  live: task.settings.filter(({ key }) => key === 'threshold'),
  read,
  exports: [
    { name: 'scores.json', write: scoresJson },
    { name: 'frames.csv', write: (results) => csvOf(frameRows(results)) },
  ],
};
