// What the settings say about clips: which frames, how they look, how they are disturbed in training.
import type { JitterRanges } from '../../engine/frames/colourJitter';
import { windowMargin } from '../../engine/frames/cropWindow';
import type { ClipShape } from '../../samples/clips';
import type { Settings } from '../settings';
import type { FrameLook } from '../../frames/videoStore';

export interface MntsmDataSettings {
  readonly shape: ClipShape;
  readonly strideSeconds: number;
  /** At which videos that come as pictures are shown. */
  readonly picturesPerSecond: number;
  /** Training clips start anywhere, or where the fixed ones do. */
  readonly starts: 'random' | 'windows';
  /** Side of the square in the middle that is seen, as a share of the largest one; null for the whole picture. */
  readonly cropShare: number | null;
  /** Side of the square around a found face, in sides of its box; null where faces are not looked for. */
  readonly faceMargin: number | null;
  /** The share by which training crops grow or shrink, and by half of which they move; 0 for always the same. */
  readonly cropJitter: number;
  readonly look: FrameLook;
  /** Chance of a mirrored clip. */
  readonly flip: number;
  readonly jitter: JitterRanges;
  /** Frames of a clip are disturbed each by itself, which looks like a manipulation in time. */
  readonly perFrame: boolean;
  readonly balancedSampler: boolean;
  readonly positiveWeight: 'none' | 'ratio' | 'squareRoot';
  readonly threshold: number;
  readonly cacheFrames: boolean;
  /** Training videos are scored as well at each validation. */
  readonly judgeTraining: boolean;
  readonly judgeTest: boolean;
}

/** Frames that are resized once more are kept this much larger: fine grain is what tells faces apart. */
const JITTERED_DETAIL = 1.5;

const looks = {
  none: { mean: [0, 0, 0], std: [1, 1, 1] },
  inception: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
} as const;

/** Reads them; a key that is missing has the value that changes nothing. */
export function mntsmDataSettings(settings: Settings): MntsmDataSettings {
  const number = (key: string, otherwise: number): number => Number(settings[key] ?? otherwise);
  const word = <Word extends string>(key: string, words: readonly [Word, ...Word[]]): Word =>
    words.find((one) => one === settings[key]) ?? words[0];
  const side = number('imageSize', 224);
  const cropShare = settings['faceCrop'] === 'centre' ? number('cropShare', 1) : null;
  const cropJitter = number('cropJitter', 0);
  return {
    shape: { frames: number('segments', 8), spanSeconds: number('clipSeconds', 2) },
    strideSeconds: number('strideSeconds', 1),
    picturesPerSecond: number('picturesPerSecond', 25),
    starts: word('trainingClips', ['windows', 'random']),
    cropShare,
    faceMargin: settings['faceCrop'] === 'found' ? number('faceMargin', 1.3) : null,
    cropJitter,
    look: {
      size: { width: side, height: side },
      margin: windowMargin(side, cropShare ?? 1, cropJitter),
      detail: cropJitter > 0 ? JITTERED_DETAIL : 1,
      ...looks[word('normalisation', ['none', 'inception', 'imagenet'])],
    },
    flip: number('flip', 0),
    jitter: {
      brightness: number('jitterBrightness', 0),
      contrast: number('jitterContrast', 0),
      saturation: number('jitterSaturation', 0),
      hue: number('jitterHue', 0),
    },
    perFrame: settings['augmentPerFrame'] === true,
    balancedSampler: settings['sampler'] === 'balanced',
    positiveWeight: word('positiveWeight', ['none', 'ratio', 'squareRoot']),
    threshold: number('threshold', 0.5),
    cacheFrames: settings['cacheFrames'] === true,
    judgeTraining: settings['judgeTraining'] === true,
    judgeTest: settings['judgeTest'] === true,
  };
}
