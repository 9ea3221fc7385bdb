// The anomaly detector for the trainer: what it reads, what it learns from, what it predicts of windows of frames.
import type { Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { sigmoid } from '../../engine/ops/activation';
import { add, multiply, stopGradient } from '../../engine/ops/arithmetic';
import { expand } from '../../engine/ops/reduce';
import { softmax } from '../../engine/ops/softmax';
import { reshape } from '../../engine/ops/view';
import { normalize } from '../../layers/normalize';
import { PRESENT, type InputDefinition, type ModelDefinition } from '../../training/trainer/modelDefinition';
import type { FgclipConfig } from './config';
import { videoLoss, weighted, type Losses } from './loss';
import { memoryBank, pushIntoBank, type BankConfig } from './memoryBank';
import { milHead, type MilConfig, type MilOutput } from './milHead';
import { milLoss } from './milLoss';
import { regionFeatures, textFeatures } from './model';
import { piecesOf, readTexts, seeFrames, type Asked, type SeenFrames } from './pieces';
import { overFrames } from './regions';
import { classProbabilities, similarities } from './scores';
import { inTime, temporal, type TemporalOutput } from './temporal';

/** How much each part of the loss counts; 0 leaves it out with what only it would train. */
export interface LossWeights {
  /** Videos against their captions. */
  readonly global: number;
  /** Regions against theirs. */
  readonly region: number;
  /** The weakly supervised head. */
  readonly head: number;
}

export interface DetectorOptions {
  /** Videos of a batch, frames of each, and places for regions of each. */
  readonly videos: number;
  readonly frames: number;
  readonly regions: number;
  readonly weights: LossWeights;
  /** What is seen of a region: its box in each frame, or a clip of whole frames from its first to its last. */
  readonly regionPath: 'roi' | 'clips';
  /** Frames of a region's clip. */
  readonly clipFrames: number;
  /** What videos and regions are told apart from: those of their batch, or of all batches of the step. */
  readonly contrast: 'batch' | 'step';
  /** Regions of earlier batches as more negatives; null for none. */
  readonly bank: BankConfig | null;
  /** Frames that go through the tower at once; 0 for all of a batch. */
  readonly piece: number;
  /** The head's loss trains the tower too, which VadCLIP keeps as it is. */
  readonly headTrainsTower: boolean;
  /** A vector is learned for each place in the window. */
  readonly temporalPositions: boolean;
  /** Of the classes' probabilities. */
  readonly temperature: number;
  readonly head: MilConfig;
}

/** The texts that a model is built for. */
export interface TextSizes {
  /** Token ids of each class, the first one normal. */
  readonly classTokens: readonly (readonly number[])[];
  /** Tokens of the longest caption of a video and of a region. */
  readonly captionLength: number;
  readonly regionLength: number;
  /** Token ids of texts that a person typed, whose similarity to each frame is wanted. */
  readonly typedTokens?: readonly (readonly number[])[];
}

type Inputs = Readonly<Record<string, Tensor>>;

/**
 * The model with its loss for V videos of T frames with places for A regions each. Inputs: `frames` [V · T, 3, side, side]
 * in pieces; `mask` [V, T], 0 where a video has ended; `captions` u32 [V, L]; `regionCaptions` u32 [V · A, l], `boxes`
 * [V · T, A, 4], `boxMask` [V, T, A] and `regionValid` [V · A], where regions are clips of F frames `clips` [V · A · F, 3, side,
 * side] in pieces in place of boxes; `labels` [V, classes], the first class normal. What no
 * loss needs is not among them. Outputs: `classes` [V, T, classes] by the texts, `places` [V, T, patches], how abnormal
 * each place looks; with the head `head` [V, T] and `headClasses` [V, T, classes]; with texts that somebody typed `typed`
 * [V, T, texts], cosines.
 */
export function detectorDefinition(config: FgclipConfig, options: DetectorOptions, texts: TextSizes): ModelDefinition {
  const { weights } = options;
  return {
    inputs: inputsOf(config, options, texts),
    wholeStep: options.contrast === 'step',
    loss(p, inputs) {
      const model = new Detector(p, inputs, config, options, texts);
      const seen = model.see(readsBoxes(options) ? { boxes: inputs['boxes']! } : {});
      const losses = [...model.contrast(seen), ...(weights.head > 0 ? [model.headLoss(seen)] : [])];
      return p.graph.fullPrecision(() => ({
        total: losses.map(({ total }) => total).reduce((a, b) => add(a, b)),
        parts: new Map(losses.flatMap(({ parts }) => [...parts])),
      }));
    },
    predict(p, inputs) {
      const model = new Detector(p, inputs, config, options, texts);
      const classes = model.classes();
      const { temperature } = options;
      const projection = readsBoxes(options) ? 'roi_projection' : 'visual_projection';
      const seen = model.see({ places: { texts: classes, temperature, projection } });
      const frames = model.told(seen);
      return p.graph.fullPrecision(() => {
        const told = {
          classes: classProbabilities(frames, classes, temperature),
          places: reshape(seen.places!, [options.videos, options.frames, -1]),
          ...(texts.typedTokens && { typed: similarities(frames, model.short('typed', texts.typedTokens)) }),
        };
        if (weights.head === 0) return told;
        const { binary, classes: logits } = model.head(seen, classes);
        return { ...told, head: sigmoid(binary), headClasses: softmax(logits) };
      });
    },
  };
}

function readsBoxes({ weights, regionPath }: DetectorOptions): boolean {
  return weights.region > 0 && regionPath === 'roi';
}

function inputsOf(
  { vision: { side } }: FgclipConfig,
  options: DetectorOptions,
  { classTokens, captionLength, regionLength }: TextSizes,
): Readonly<Record<string, InputDefinition>> {
  const { videos: V, frames: T, regions: A, clipFrames: F, piece, weights } = options;
  const pictures = (count: number): InputDefinition => ({
    ...{ shape: [count, 3, side, side], frames: true, half: true, pieces: piecesOf(count, piece) },
  });
  return {
    frames: pictures(V * T),
    mask: [V, T],
    ...(weights.global > 0 && { captions: { shape: [V, captionLength], dtype: 'u32' } }),
    ...(weights.region > 0 && {
      regionCaptions: { shape: [V * A, regionLength], dtype: 'u32' },
      regionValid: [V * A],
      ...(readsBoxes(options) ? { boxes: [V * T, A, 4], boxMask: [V, T, A] } : { clips: pictures(V * A * F) }),
    }),
    ...(weights.head > 0 && { labels: [V, classTokens.length] }),
  };
}

/** The model over one batch, or over all batches of a step. */
class Detector {
  readonly #p: Parameters;
  readonly #inputs: Inputs;
  readonly #config: FgclipConfig;
  readonly #options: DetectorOptions;
  readonly #texts: TextSizes;
  /** Batches that it sees at once. */
  readonly #together: number;
  readonly #videos: number;

  constructor(p: Parameters, inputs: Inputs, config: FgclipConfig, options: DetectorOptions, texts: TextSizes) {
    this.#p = p;
    this.#inputs = inputs;
    this.#config = config;
    this.#options = options;
    this.#texts = texts;
    this.#videos = inputs['mask']!.shape[0]!;
    this.#together = this.#videos / options.videos;
  }

  see(asked: Asked): SeenFrames {
    const { videos, frames, piece } = this.#options;
    const count = this.#together * piecesOf(videos * frames, piece);
    return seeFrames(this.#p, this.#inputs['frames']!, this.#config, count, asked);
  }

  overTime(seen: SeenFrames, training: boolean): TemporalOutput {
    const frames = this.#embedded(seen);
    const placed = this.#options.temporalPositions ? inTime(this.#p, frames) : frames;
    return temporal(this.#p, placed, this.#config.temporal, { mask: this.#inputs['mask']!, training });
  }

  /** Frames as the texts are compared with: after they saw each other, where that was learned. */
  told(seen: SeenFrames): Tensor {
    return this.#options.weights.global > 0 ? this.overTime(seen, false).frames : this.#embedded(seen);
  }

  /** Features of the classes' names, [classes, features]. */
  classes(): Tensor {
    return this.short('classes', this.#texts.classTokens);
  }

  /** Features of short texts that stand fixed in the model, [texts, features] of length 1. */
  short(name: string, texts: readonly (readonly number[])[]): Tensor {
    const length = Math.max(...texts.map((tokens) => tokens.length));
    const ids = new Uint32Array(texts.length * length);
    texts.forEach((tokens, k) => ids.set(tokens, k * length));
    const { graph } = this.#p;
    return graph.scope(name, () =>
      textFeatures(this.#p, graph.constant(ids, [texts.length, length]), this.#config, 'short'),
    );
  }

  head(seen: SeenFrames, classes: Tensor): MilOutput {
    const { headTrainsTower, head } = this.#options;
    const frames = this.#embedded(seen);
    // A tower that learns with the head has no length of features that the head could rely on.
    const given = headTrainsTower ? normalize(frames) : stopGradient(frames);
    return milHead(this.#p, given, classes, this.#inputs['mask']!, head);
  }

  headLoss(seen: SeenFrames): Losses {
    const { weights } = this.#options;
    const classes = this.classes();
    const output = this.head(seen, classes);
    const { total, parts } = milLoss(output, classes, this.#inputs['labels']!, this.#inputs['mask']!, this.#present(1));
    return this.#p.graph.fullPrecision(() => ({
      total: weighted(total, weights.head),
      parts: new Map([...parts].map(([name, part]) => [name, weighted(part, weights.head)])),
    }));
  }

  /** Videos and regions against their texts; empty where neither counts. */
  contrast(seen: SeenFrames): Losses[] {
    const { weights, bank } = this.#options;
    if (weights.global === 0 && weights.region === 0) return [];
    const p = this.#p;
    const valid = this.#present(1);
    const videos =
      weights.global > 0
        ? { videos: this.overTime(seen, true).video, captions: this.#read('captions', 'long'), ...(valid && { valid }) }
        : null;
    if (weights.region === 0) return [videoLoss(p, videos, null, weights)];
    const regions = this.#regions(seen);
    const past = bank && memoryBank(p, this.#config.features, bank);
    const losses = videoLoss(p, videos, { ...regions, ...(past && { bank: past }) }, weights);
    if (bank)
      pushIntoBank(p, { regions: regions.regions, regionCaptions: regions.captions, regionValid: regions.valid }, bank);
    return [losses];
  }

  #regions(seen: SeenFrames): { regions: Tensor; captions: Tensor; valid: Tensor } {
    const { regions: slots } = this.#options;
    const { features } = this.#config;
    const pooled = seen.boxes ? this.#boxes(seen.boxes) : this.#clips();
    const [valid, present] = [this.#inputs['regionValid']!, this.#present(slots)];
    return {
      regions: reshape(pooled, [this.#videos * slots, features]),
      captions: this.#read('regionCaptions', 'short'),
      valid: present ? multiply(valid, present) : valid,
    };
  }

  /** Regions by their boxes, [videos, regions, features]. */
  #boxes(boxes: Tensor): Tensor {
    const { regions: slots, frames } = this.#options;
    const found = reshape(boxes, [this.#videos, frames, slots, this.#config.vision.width]);
    return regionFeatures(this.#p, overFrames(found, this.#inputs['boxMask']!), this.#config);
  }

  /** Regions as videos of their own, [videos · regions, features]; a clip is no window, so its frames have no places. */
  #clips(): Tensor {
    const { videos, regions: slots, clipFrames, piece } = this.#options;
    const { features, temporal: config } = this.#config;
    const count = this.#together * piecesOf(videos * slots * clipFrames, piece);
    const { embedding } = seeFrames(this.#p, this.#inputs['clips']!, this.#config, count, {});
    const frames = reshape(embedding, [this.#videos * slots, clipFrames, features]);
    return temporal(this.#p, frames, config, { training: true }).video;
  }

  #read(name: 'captions' | 'regionCaptions', kind: 'short' | 'long'): Tensor {
    return readTexts(this.#p, this.#inputs[name]!, this.#config, kind, this.#together);
  }

  #embedded({ embedding }: SeenFrames): Tensor {
    return reshape(embedding, [this.#videos, this.#options.frames, this.#config.features]);
  }

  /** 1 for what belongs to a batch that is there, `each` entries a video; undefined where all are. */
  #present(each: number): Tensor | undefined {
    const present = this.#inputs[PRESENT];
    if (!present) return undefined;
    const rows = (this.#videos / present.size) * each;
    return reshape(expand(reshape(present, [present.size, 1]), [present.size, rows]), [present.size * rows]);
  }
}
