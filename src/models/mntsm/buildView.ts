// Builds what the view draws from the scores of clips: videos, their clips, and pictures of what decided.
import type { Still } from '../../frames/videoStore';
import type { ClipScore } from './scoredClips';
import { judgePart } from './judge';
import type { JudgedVideo, JudgedVideoStill } from '../../ui/judged/judgedPass';
import type { MntsmView } from './viewPayload';
import type { OpenedFace } from './faceVideos';
import { standardError } from './standardError';

/** Pictures are decoded for so many videos, so many each. */
const picturedVideos = 12;
const picturesEach = 4;
const pictureSide = 160;

/** What the view says that it was trained on. */
export type TrainedOn = MntsmView['trainedOn'];

export async function buildView(
  scores: readonly ClipScore[],
  threshold: number,
  trainedOn: TrainedOn,
): Promise<MntsmView> {
  const { clip, video, videos: judged } = judgePart(scores, 'validation', threshold);
  const byVideo = new Map<OpenedFace, ClipScore[]>();
  for (const score of scores) {
    if (score.part === 'validation') byVideo.set(score.face, [...(byVideo.get(score.face) ?? []), score]);
  }
  const scoreOf = new Map(judged.map(({ video: path, score }) => [path, score]));
  const ranked = [...byVideo]
    .map(([face, clips]) => ({ face, clips, score: scoreOf.get(face.path)! }))
    .sort((a, b) => wrongness(b) - wrongness(a));
  const videos: JudgedVideo[] = [];
  for (const [rank, { face, clips, score }] of ranked.entries()) {
    const { times, facts } = face.video;
    videos.push({
      name: face.path,
      truth: face.manipulated,
      kind: face.kind,
      seconds: facts.durationSeconds,
      score,
      uncertainty: standardError(clips.map((one) => one.score)),
      clips: clips.map((one) => ({
        times: Float32Array.from(one.frames, (frame) => times[frame]! - times[0]!),
        score: one.score,
        attention: one.attention,
        frameScores: one.frameScores,
      })),
      stills: rank < picturedVideos ? await decisiveFrames(face, clips) : [],
    });
  }
  return { kind: 'mntsm', threshold, videos, rocs: { clip, video }, trainedOn };
}

function wrongness({ face, score }: { readonly face: OpenedFace; readonly score: number }): number {
  return Math.abs(score - Number(face.manipulated));
}

/** Distinct frames by attention times how far their score lies from the middle. */
async function decisiveFrames(face: OpenedFace, clips: readonly ClipScore[]): Promise<JudgedVideoStill[]> {
  const best = new Map<number, { attention: number; score: number }>();
  const weigh = (one: { attention: number; score: number }): number => one.attention * Math.abs(one.score - 0.5);
  for (const { frames, attention, frameScores } of clips) {
    frames.forEach((frame, k) => {
      const one = { attention: attention[k]!, score: frameScores[k]! };
      const known = best.get(frame);
      if (!known || weigh(one) > weigh(known)) best.set(frame, one);
    });
  }
  const chosen = [...best].sort(([, a], [, b]) => weigh(b) - weigh(a)).slice(0, picturesEach);
  const { times } = face.video;
  const pictures: JudgedVideoStill[] = [];
  for (const [frame, { attention, score }] of chosen) {
    const still = await face.video.still(frame, { width: pictureSide, height: pictureSide });
    pictures.push({ seconds: times[frame]! - times[0]!, attention, score, ...pictureOf(still) });
  }
  return pictures;
}

function pictureOf({ width, height, pixels }: Still) {
  return { width, height, pixels };
}
