// Training clips: one per window of each training video, placed, mirrored and recoloured by chance.
import { drawJitter } from '../../engine/frames/colourJitter';
import { drawWindow } from '../../engine/frames/cropWindow';
import { randomClipStart } from '../../samples/clips';
import { balancedOrder } from '../../samples/balancedSampler';
import type { Batch } from '../../training/runtime';
import type { Random } from '../../samples/random';
import { epochOrder } from '../../samples/sampler';
import type { ClipFrames, VideoStore } from '../../frames/videoStore';
import type { MntsmDataSettings } from './dataSettings';
import type { OpenedFace } from './faceVideos';
import { balancingWeight } from './loss';
import { framesIn, windowsOver, type ClipPlace } from '../../samples/stretches';

interface TrainClip extends ClipPlace {
  readonly face: OpenedFace;
}

export class TrainClips {
  readonly #clips: readonly TrainClip[];
  readonly #settings: MntsmDataSettings;
  readonly #store: VideoStore;
  readonly #labels: readonly number[];
  readonly #positiveWeight: number;

  constructor(faces: readonly OpenedFace[], settings: MntsmDataSettings, store: VideoStore) {
    const { shape, strideSeconds, positiveWeight } = settings;
    this.#settings = settings;
    this.#store = store;
    this.#clips = faces.flatMap((face) =>
      windowsOver(face.stretches, shape, strideSeconds).map((place) => ({ face, ...place })),
    );
    this.#labels = this.#clips.map(({ face }) => Number(face.manipulated));
    const manipulated = this.#labels.reduce((sum, label) => sum + label, 0);
    this.#positiveWeight =
      positiveWeight === 'none' ? 1 : balancingWeight(this.#labels.length - manipulated, manipulated, positiveWeight);
  }

  get count(): number {
    return this.#clips.length;
  }

  /** Every clip once, or as many draws with both classes equally likely (spec section 7). */
  order(seed: number, epoch: number): Uint32Array {
    const { balancedSampler } = this.#settings;
    return balancedSampler ? balancedOrder(this.#labels, seed, epoch) : epochOrder(this.count, seed, epoch);
  }

  /** `clips` [B, T, 3, S, S], `label` [B] and `weight` [B], what each clip's loss is multiplied by. */
  batch(indices: readonly number[], random: Random): Batch {
    const chosen = indices.map((i) => this.#clips[i]!);
    const labels = indices.map((i) => this.#labels[i]!);
    return {
      clips: this.#store.input(
        chosen.flatMap((clip) => this.#disturbed(clip, random)),
        this.#settings.look,
      ),
      label: Float32Array.from(labels),
      weight: Float32Array.from(labels, (label) => (label === 1 ? this.#positiveWeight : 1)),
    };
  }

  #disturbed({ face: { video }, stretch, startSeconds }: TrainClip, random: Random): ClipFrames[] {
    const { shape, starts, flip, jitter, perFrame, cropJitter, look } = this.#settings;
    const { durationSeconds } = stretch;
    const start = starts === 'random' ? randomClipStart(durationSeconds, shape.spanSeconds, random()) : startSeconds;
    const frames = framesIn(stretch, start, shape);
    const parts = perFrame ? frames.map((frame) => [frame]) : [frames];
    return parts.map((part) => ({
      video,
      frames: part,
      flip: random() < flip,
      jitter: drawJitter(jitter, random),
      ...(cropJitter > 0 && { window: drawWindow(look.size, look.margin ?? 0, cropJitter, random) }),
    }));
  }
}
