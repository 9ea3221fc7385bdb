// Builds what the pose view draws from a validation pass: a few whole sequences and the worst clips.
import { frameMeans, jointErrors } from '../../metrics/mpjpe';
import { JOINTS } from '../../figure/skeleton';
import type { PoseView, PoseViewSequence, PoseWorstClip } from './viewPayload';
import type { PoseVideo } from './poseVideos';

const frameValues = JOINTS * 3;
const sequenceCount = 4;
const longestSequence = 240;
const worstCount = 10;

/** A judged clip: poses in root-relative mm, [frames, 17, 3], for these frames of this video. */
export interface PredictedClip {
  readonly video: number;
  readonly frames: Int32Array;
  readonly prediction: Float64Array;
  readonly truth: Float64Array;
}

/** Up to four sequences, of different actions and cameras where there are as many, and the ten worst clips. */
export function buildView(videos: readonly PoseVideo[], clips: readonly PredictedClip[], frameRate: number): PoseView {
  const chosen = chooseVideos(videos);
  const sequences = chosen.map((video) =>
    buildSequence(
      videos[video]!,
      clips.filter((clip) => clip.video === video),
      frameRate,
    ),
  );
  const worst = clips
    .map((clip): PoseWorstClip => {
      const { name, action, camera } = videos[clip.video]!;
      const errors = jointErrors(clip.prediction, clip.truth);
      const p1 = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      const sequence = clip.frames.at(-1)! < longestSequence ? chosen.indexOf(clip.video) : -1;
      return { name, action, camera, firstFrame: clip.frames[0]!, frames: clip.frames.length, p1, sequence };
    })
    .sort((a, b) => order(b.p1) - order(a.p1));
  return { kind: 'pose', sequences, worst: worst.slice(0, worstCount) };
}

/** A model that fell apart predicts NaN: that is the worst. */
function order(p1: number): number {
  return Number.isNaN(p1) ? Number.MAX_VALUE : p1;
}

function chooseVideos(videos: readonly PoseVideo[]): number[] {
  const actions = [...new Set(videos.map(({ action }) => action))].sort();
  const cameras = [...new Set(videos.map(({ camera }) => camera))];
  const count = Math.min(sequenceCount, videos.length);
  const chosen: number[] = [];
  for (let i = 0; i < count; i++) {
    const action = actions[Math.floor((i * actions.length) / count)];
    const camera = cameras[i % cameras.length];
    const free = [...videos.keys()].filter((video) => !chosen.includes(video));
    const fits = (video: number): number =>
      2 * Number(videos[video]!.action === action) + Number(videos[video]!.camera === camera);
    chosen.push(free.reduce((best, video) => (fits(video) > fits(best) ? video : best)));
  }
  return chosen;
}

function buildSequence(video: PoseVideo, clips: readonly PredictedClip[], frameRate: number): PoseViewSequence {
  const frames = Math.min(video.frames, longestSequence);
  const input = new Float32Array(frames * JOINTS * 2);
  for (let i = 0; i < input.length; i++) input[i] = video.input[Math.floor(i / 2) * 3 + (i % 2)]!;
  const prediction = new Float32Array(frames * frameValues);
  const truth = new Float32Array(frames * frameValues);
  const counts = new Uint32Array(frames);
  for (const clip of clips) for (const frame of clip.frames) if (frame < frames) counts[frame]!++;
  for (const clip of clips) {
    for (const [t, frame] of clip.frames.entries()) {
      if (frame >= frames) continue;
      for (let i = 0; i < frameValues; i++) {
        prediction[frame * frameValues + i]! += clip.prediction[t * frameValues + i]! / counts[frame]!;
        truth[frame * frameValues + i] = clip.truth[t * frameValues + i]!;
      }
    }
  }
  const frameP1 = Float32Array.from(frameMeans(jointErrors(prediction, truth)));
  const { name, action, subject, camera, cameraYaw, width, height } = video;
  return {
    name,
    action,
    subject,
    camera,
    cameraYaw,
    width,
    height,
    frameRate,
    frames,
    input,
    prediction,
    truth,
    frameP1,
  };
}
