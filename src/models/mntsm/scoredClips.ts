// Clips that are scored at each validation: fixed windows, undisturbed, of the held-out videos and whatever else is judged.
import { invariant } from '../../errors';
import type { Batch, Outputs } from '../../training/runtime';
import type { VideoStore } from '../../frames/videoStore';
import type { MntsmDataSettings } from './dataSettings';
import type { OpenedFace } from './faceVideos';
import { framesIn, windowsOver } from '../../samples/stretches';

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

export class ScoredClips {
  readonly clips: readonly ScoredClip[];
  readonly #settings: MntsmDataSettings;
  readonly #store: VideoStore;

  constructor(
    parts: Readonly<Record<ScoredPart, readonly OpenedFace[]>>,
    settings: MntsmDataSettings,
    store: VideoStore,
  ) {
    const { shape, strideSeconds } = settings;
    this.#settings = settings;
    this.#store = store;
    const clipsOf = (part: ScoredPart): ScoredClip[] =>
      parts[part].flatMap((face) =>
        windowsOver(face.stretches, shape, strideSeconds).map(({ stretch, startSeconds }) => ({
          ...{ face, part },
          frames: framesIn(stretch, startSeconds, shape),
        })),
      );
    this.clips = (['validation', 'training', 'test'] as const).flatMap(clipsOf);
  }

  /** As in training but undisturbed. */
  batch(indices: readonly number[]): Batch {
    const { look } = this.#settings;
    const chosen = indices.map((i) => this.clips[i]!);
    return {
      clips: this.#store.input(
        chosen.map(({ face, frames }) => ({ video: face.video, frames, flip: false, jitter: [] })),
        look,
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
