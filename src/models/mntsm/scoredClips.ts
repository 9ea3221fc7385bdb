// Clips that are scored at each validation: fixed windows, undisturbed, of the held-out videos and whatever else is judged.
import { invariant } from '../../errors';
import type { Batch, Outputs } from '../../training/runtime';
import type { ClipFrames, VideoStore } from '../../frames/videoStore';
import type { MntsmDataSettings } from './dataSettings';
import type { OpenedFace } from './faceVideos';
import { framesIn, windowsOver, type Stretch } from '../../samples/stretches';

/** What a scored clip counts for: the metrics that decide, or the ones that are only shown beside them. */
export type ScoredPart = 'validation' | 'training' | 'test';

export interface ScoredClip {
  readonly face: OpenedFace;
  readonly part: ScoredPart;
  /** Numbers in the video's times, [T]. */
  readonly frames: readonly number[];
}

/** What the model said of one clip. */
export interface ClipScore extends ScoredClip {
  /** Of being manipulated, 0..1. */
  readonly score: number;
  /** [T] */
  readonly attention: Float32Array;
  /** Of each frame by itself, 0..1, [T]. */
  readonly frameScores: Float32Array;
}

/** Frames of the fixed clips over these stretches, each [T], as numbers in the video's times. */
export function fixedClips(
  stretches: readonly Stretch[],
  { shape, strideSeconds }: Pick<MntsmDataSettings, 'shape' | 'strideSeconds'>,
): (readonly number[])[] {
  return windowsOver(stretches, shape, strideSeconds).map(({ stretch, startSeconds }) =>
    framesIn(stretch, startSeconds, shape),
  );
}

/** A clip as it is looked at wherever it is scored: undisturbed, the whole crop or a window of it. */
export type LookedAt = Pick<ClipFrames, 'video' | 'frames' | 'window'>;

/** The input `clips` of a batch. */
export function clipsInput(
  clips: readonly LookedAt[],
  { look }: Pick<MntsmDataSettings, 'look'>,
  store: VideoStore,
): Pick<Batch, 'clips'> {
  return {
    clips: store.input(
      clips.map((clip) => ({ ...clip, flip: false, jitter: [] })),
      look,
    ),
  };
}

export class ScoredClips {
  readonly clips: readonly ScoredClip[];
  readonly #settings: MntsmDataSettings;
  readonly #store: VideoStore;

  constructor(
    parts: Readonly<Record<ScoredPart, readonly OpenedFace[]>>,
    settings: MntsmDataSettings,
    store: VideoStore,
  ) {
    this.#settings = settings;
    this.#store = store;
    const clipsOf = (part: ScoredPart): ScoredClip[] =>
      parts[part].flatMap((face) => fixedClips(face.stretches, settings).map((frames) => ({ face, part, frames })));
    this.clips = (['validation', 'training', 'test'] as const).flatMap(clipsOf);
  }

  /** As in training but undisturbed. */
  batch(indices: readonly number[]): Batch {
    const chosen = indices.map((i) => this.clips[i]!);
    return {
      ...clipsInput(
        chosen.map(({ face, frames }) => ({ video: face.video, frames })),
        this.#settings,
        this.#store,
      ),
      label: Float32Array.from(chosen, ({ face }) => Number(face.manipulated)),
      weight: new Float32Array(chosen.length).fill(1),
    };
  }

  /** Joins the model's outputs (`score` [1], `attention` [T] and `frameScores` [T]) with the clips they are of. */
  read(outputs: readonly Outputs[]): ClipScore[] {
    invariant(outputs.length === this.clips.length, `${outputs.length} outputs for ${this.clips.length} clips`);
    return this.clips.map((clip, i) => {
      const { score, attention, frameScores } = outputs[i]!;
      return { ...clip, score: score![0]!, attention: attention!, frameScores: frameScores! };
    });
  }
}
