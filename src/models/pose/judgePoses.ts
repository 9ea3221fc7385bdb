// Lifts key points without labels: the clips, the mirror images and the means of the evaluation.
import { mayHoldKeyPoints, readKeyPoints } from '../../annotations/keyPoints';
import { UserError } from '../../errors';
import { flipPoses, JOINTS } from '../../figure/skeleton';
import type { KeyPointTrack } from '../../formats/keyPoints';
import type { JudgeWindow, OpenedItem, TaskJudge } from '../../training/judging/taskJudge';
import type { Batch, Outputs } from '../../training/runtime';
import { poseDataSettings, type PoseDataSettings } from './dataSettings';
import { normalisePoses, toMillimetres } from '../../figure/projection';
import { LiftedFrames } from '../../figure/liftedFrames';
import type { JudgedPerson, PoseFindings } from './poseFindings';
import { isOfModel, poseItems } from './poseItems';
import { averaged, clipInput, coveringClips } from './scoredClips';

interface PoseWindow extends JudgeWindow {
  readonly person: number;
  /** Frames at the model's rate, [T]. */
  readonly frames: Int32Array;
  readonly mirrored: boolean;
}

class JudgedPeople implements OpenedItem<PoseWindow, PoseFindings> {
  readonly head: OpenedItem['head'];
  readonly #settings: PoseDataSettings;
  readonly #people: readonly { readonly track: KeyPointTrack; readonly lifted: LiftedFrames }[];
  /** What the model said of a clip whose mirror image is still to come. */
  #plain: Float32Array | null = null;

  constructor(tracks: readonly KeyPointTrack[], head: OpenedItem['head'], settings: PoseDataSettings) {
    this.head = head;
    this.#settings = settings;
    this.#people = tracks.map((track) => ({ track, lifted: new LiftedFrames(track.times, settings.frameRate) }));
  }

  windows(): readonly PoseWindow[] {
    const { frames: length, testFlip } = this.#settings;
    return this.#people
      .flatMap(({ track, lifted }, person) =>
        coveringClips(lifted.sources.length, length).map((frames) => {
          const last = lifted.sources[frames.at(-1)!]!;
          return { person, frames, untilSeconds: track.times[last]! - this.head.startSeconds };
        }),
      )
      .sort((a, b) => a.untilSeconds - b.untilSeconds)
      .flatMap((one) => (testFlip ? [false, true] : [false]).map((mirrored) => ({ ...one, mirrored })));
  }

  batch(windows: readonly PoseWindow[]): Batch {
    const { frames: length, dimIn } = this.#settings;
    const size = length * JOINTS * dimIn;
    const pose2d = new Float32Array(windows.length * size);
    for (const [i, { person, frames, mirrored }] of windows.entries()) {
      const { track, lifted } = this.#people[person]!;
      const sources = frames.map((frame) => lifted.sources[frame]!);
      const input = clipInput(normalised(track), sources, this.#settings);
      pose2d.set(mirrored ? flipPoses(input, dimIn) : input, i * size);
    }
    return { pose2d };
  }

  hear({ person, frames, mirrored }: PoseWindow, { pose3d }: Outputs): void {
    const { testFlip, rootRelative } = this.#settings;
    if (testFlip && !mirrored) {
      this.#plain = pose3d!;
      return;
    }
    const output = testFlip ? averaged(this.#plain!, pose3d!) : pose3d!;
    const { track, lifted } = this.#people[person]!;
    // In pixels: the factor of each frame is 1.
    const ones = new Float32Array(lifted.sources.length).fill(1);
    lifted.add(frames, toMillimetres(output, 0, frames, ones, track.width, rootRelative));
  }

  findings(): PoseFindings {
    return {
      people: this.#people.map(({ track, lifted }): JudgedPerson => {
        const { name, width, height, times, points, bridged, millimetresPerPixel } = track;
        return {
          ...{ name, width, height, times: Array.from(times), input: Array.from(points, rounded) },
          poses: Array.from(lifted.poses(), rounded),
          millimetresPerPixel: millimetresPerPixel ? Array.from(millimetresPerPixel) : null,
          bridged: Array.from(bridged ?? []).flatMap((one, frame) => (one === 0 ? [] : [frame])),
        };
      }),
    };
  }
}

const inputs = new WeakMap<KeyPointTrack, Float32Array>();

/** x and y in the network's units with the confidence, [F, 17, 3]. */
function normalised(track: KeyPointTrack): Float32Array {
  const known = inputs.get(track);
  if (known) return known;
  const { points, width, height } = track;
  const input = normalisePoses(points, 3, width, height);
  for (let i = 2; i < input.length; i += 3) input[i] = points[i]!;
  inputs.set(track, input);
  return input;
}

/** To 0.0001: a result is to be kept and read. */
function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}

export const judgePoses: TaskJudge = {
  items: poseItems,
  async open({ files }, { settings, videos, finders, tell, signal, found }) {
    const points = files.filter(({ path }) => mayHoldKeyPoints(path) && !isOfModel(path));
    const film = files.find((file) => !points.includes(file) && !isOfModel(file.path));
    const model = files.find(({ path }) => /\.onnx$/i.test(path));
    const own = model && { model, said: files.find(({ path }) => isOfModel(path) && path !== model.path) ?? null };
    const wanted = poseDataSettings(settings);
    const video = film && (await videos.open(film, () => null, tell));
    const picture = video ? { times: video.times, width: video.facts.width, height: video.facts.height } : null;
    const tracks =
      points.length > 0
        ? await readKeyPoints(points, picture, wanted.frameRate)
        : finders && video
          ? await finders.keyPoints(video, signal, found, own)
          : null;
    if (tracks === null)
      throw new UserError(
        'pose-no-key-points',
        'A video alone does not say where the joints are. Add a file of 2-D key points that has its name.',
      );
    const times = video?.times ?? tracks[0]?.times ?? new Float64Array(0);
    const last = times.length - 1;
    const length = last > 0 ? times[last]! + (times[last]! - times[last - 1]!) - times[0]! : 0;
    const head = {
      startSeconds: times[0] ?? 0,
      seconds: video?.facts.durationSeconds ?? length,
      frames: times.length,
      width: video?.facts.width ?? tracks[0]?.width ?? 0,
      height: video?.facts.height ?? tracks[0]?.height ?? 0,
    };
    return new JudgedPeople(tracks, head, wanted);
  },
};
