// What the settings say about windows: which frames, how they look, how they are disturbed in training.
import type { JitterRanges } from '../../engine/frames/colourJitter';
import type { FrameLook } from '../../frames/videoStore';
import type { Settings } from '../settings';
import { pointLevels, type PointLevel } from './points';
import type { WindowRule } from './windows';

export interface AdatadDataSettings {
  readonly rule: WindowRule;
  readonly levels: readonly PointLevel[];
  /** Windows that an epoch takes of each training video. */
  readonly windowsPerVideo: number;
  /** The whole picture pressed into a square, or the largest square in its middle. */
  readonly placement: 'stretch' | 'centre';
  /** Training windows see a random part of the picture. */
  readonly randomCrop: boolean;
  readonly look: FrameLook;
  /** Chance of a mirrored window. */
  readonly flip: number;
  /** RandAugment's operations that each training window gets. */
  readonly operations: number;
  readonly jitter: JitterRanges;
  /** Share of a window that the next one covers again, in evaluation. */
  readonly overlap: number;
  /** Width of the Gaussian by which overlaps lower scores. */
  readonly sigma: number;
  readonly cacheFrames: boolean;
  /** Training videos are judged as well at each validation. */
  readonly judgeTraining: boolean;
}

/** Pixels of kept frames for each that the model sees, where crops enlarge: upstream's 182 for 160. */
const CROPPED_DETAIL = 1.14;

/** Reads them; a key that is missing has the value that changes nothing. */
export function adatadDataSettings(settings: Settings): AdatadDataSettings {
  const number = (key: string, otherwise: number): number => Number(settings[key] ?? otherwise);
  const side = number('imageSize', 160);
  const snippets = number('frames', 768);
  const randomCrop = settings['randomCrop'] === true;
  return {
    rule: { stride: number('stride', 4), snippets },
    levels: pointLevels(snippets, number('levels', 6)),
    windowsPerVideo: number('windowsPerVideo', 1),
    placement: settings['placement'] === 'stretch' ? 'stretch' : 'centre',
    randomCrop,
    look: {
      size: { width: side, height: side },
      detail: randomCrop ? CROPPED_DETAIL : 1,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    },
    flip: number('flip', 0),
    operations: number('operations', 0),
    jitter: {
      brightness: number('jitterBrightness', 0),
      contrast: number('jitterContrast', 0),
      saturation: number('jitterSaturation', 0),
      hue: number('jitterHue', 0),
    },
    overlap: number('overlap', 0.5),
    sigma: number('suppression', 0.7),
    cacheFrames: settings['cacheFrames'] === true,
    judgeTraining: settings['judgeTraining'] === true,
  };
}
