// The settings that the data of the clip classifier depends on, read from a run's settings.
import type { JitterRanges } from '../../engine/frames/colourJitter';
import type { ClipShape } from '../../samples/clips';
import type { Settings } from '../../training/protocol';
import type { FrameLook } from '../../training/videoStore';

type Colour = readonly [number, number, number];

export interface MntsmDataSettings {
  readonly seed: number;
  /** Clips of a batch. */
  readonly batch: number;
  /** Frames of a clip. */
  readonly segments: number;
  /** Width and height of what the network sees, in pixels. */
  readonly imageSize: number;
  /** Of red, green and blue, in units of 0..1. */
  readonly mean: Colour;
  readonly std: Colour;
  /** All of the picture pressed into a square, or the largest square in its middle. */
  readonly faceCrop: 'none' | 'centre';
  /** Time from a clip's first frame to the first frame of the clip that would follow at once. */
  readonly clipSeconds: number;
  /** From one fixed clip to the next. */
  readonly strideSeconds: number;
  /** In training: a new place for each clip of each epoch, or the fixed clips. */
  readonly trainingClips: 'random' | 'windows';
  readonly split: 'official' | 'identity' | 'video';
  /** Of the videos, where they are split here. */
  readonly shares: { readonly val: number; readonly test: number };
  /** Share of training clips that are mirrored. */
  readonly flip: number;
  readonly jitter: JitterRanges;
  /** A draw for each frame in place of one for the whole clip. */
  readonly augmentPerFrame: boolean;
  /** Keeps decoded frames in the browser's storage. */
  readonly cacheFrames: boolean;
  readonly sampler: 'balanced' | 'none';
  readonly positiveWeight: 'none' | 'ratio' | 'squareRoot';
  /** Scores from here on count as manipulated. */
  readonly threshold: number;
  /** Scores the training videos too. */
  readonly judgeTraining: boolean;
  /** Scores the test videos too, where others are there to choose the best epoch by. */
  readonly judgeTest: boolean;
}

const looks: Readonly<Record<string, { readonly mean: Colour; readonly std: Colour }>> = {
  none: { mean: [0, 0, 0], std: [1, 1, 1] },
  inception: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
};

/** Reads them; a key that is missing has the value that changes nothing. */
export function mntsmDataSettings(settings: Settings): MntsmDataSettings {
  const number = (key: string, otherwise: number): number => Number(settings[key] ?? otherwise);
  const one = <Word extends string>(key: string, words: readonly [Word, ...Word[]]): Word =>
    words.find((word) => word === settings[key]) ?? words[0];
  return {
    seed: number('seed', 42),
    batch: number('batch', 8),
    segments: number('segments', 8),
    imageSize: number('imageSize', 224),
    ...looks[one('normalisation', ['none', 'inception', 'imagenet'])]!,
    faceCrop: one('faceCrop', ['none', 'centre']),
    clipSeconds: number('clipSeconds', 2),
    strideSeconds: number('strideSeconds', 1),
    trainingClips: one('trainingClips', ['windows', 'random']),
    split: one('split', ['official', 'identity', 'video']),
    shares: { val: number('validationShare', 0.1), test: number('testShare', 0.1) },
    flip: number('flip', 0),
    jitter: {
      brightness: number('jitterBrightness', 0),
      contrast: number('jitterContrast', 0),
      saturation: number('jitterSaturation', 0),
      hue: number('jitterHue', 0),
    },
    augmentPerFrame: settings['augmentPerFrame'] === true,
    cacheFrames: settings['cacheFrames'] === true,
    sampler: one('sampler', ['none', 'balanced']),
    positiveWeight: one('positiveWeight', ['none', 'ratio', 'squareRoot']),
    threshold: number('threshold', 0.5),
    judgeTraining: settings['judgeTraining'] === true,
    judgeTest: settings['judgeTest'] === true,
  };
}

/** Which frames make a clip. */
export function shapeOf({ segments, clipSeconds }: MntsmDataSettings): ClipShape {
  return { frames: segments, spanSeconds: clipSeconds };
}

/** How frames are handed to the network. */
export function lookOf({ imageSize, mean, std }: MntsmDataSettings): FrameLook {
  return { size: { width: imageSize, height: imageSize }, mean, std };
}
