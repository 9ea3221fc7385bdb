// Settings that the anomaly detector's data depends on, as numbers and rules.
import type { JitterRanges } from '../../engine/frames/colourJitter';
import type { FrameLook } from '../../frames/videoStore';
import type { Settings } from '../settings';

/**
 * Which score of a frame is shown and judged: of the whole frame by the texts, of its most abnormal place by them; of the
 * weakly supervised head by its binary branch (`mil`) or by its classes (`align`); or of that binary branch and of the
 * whole frame (`mean`) or of the most abnormal place (`milPlace`) by the texts in equal parts.
 */
export const scoreKinds = ['mean', 'milPlace', 'mil', 'align', 'text', 'place'] as const;
export type ScoreKind = (typeof scoreKinds)[number];

export interface FgclipDataSettings {
  /** Frames of a window. */
  readonly frames: number;
  /** Places for regions of a video. */
  readonly regions: number;
  /** A region is learned from by its boxes, or as a clip of so many whole frames. */
  readonly regionPath: 'roi' | 'clips';
  readonly clipFrames: number;
  /** Training frames: evenly over the video, one by chance out of each of as many equal parts, or a window's. */
  readonly sampling: 'whole' | 'parts' | 'window';
  /** A scored frame stands for so many of the video. */
  readonly sampleEvery: number;
  readonly look: FrameLook;
  /** Chance of a mirrored video. */
  readonly flip: number;
  /** A training video shows a part of its frames that is smaller by up to this share along each side. */
  readonly zoom: number;
  readonly jitter: JitterRanges;
  readonly balancedSampler: boolean;
  /** Boxes are learned from, and not only pointed at. */
  readonly learnBoxes: boolean;
  /** Normal videos show places as large as boxes in place of the whole frame. */
  readonly normalPlaces: boolean;
  /** Of the videos, where the data marks none for validation or test. */
  readonly validationShare: number;
  readonly score: ScoreKind;
  readonly judgeTraining: boolean;
  readonly cacheFrames: boolean;
}

/** CLIP's own, of red, green and blue. */
const clipColours = { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] } as const;

/** Reads them; a key that is missing has the value that changes nothing. */
export function fgclipDataSettings(settings: Settings): FgclipDataSettings {
  const number = (key: string, otherwise: number): number => Number(settings[key] ?? otherwise);
  const word = <Word extends string>(key: string, words: readonly [Word, ...Word[]]): Word =>
    words.find((one) => one === settings[key]) ?? words[0];
  const side = number('imageSize', 224);
  return {
    frames: number('frames', 256),
    regions: number('regions', 4),
    regionPath: word('regionPath', ['roi', 'clips']),
    clipFrames: number('clipFrames', 64),
    sampling: word('sampling', ['whole', 'parts', 'window']),
    sampleEvery: number('sampleEvery', 16),
    look: { size: { width: side, height: side }, ...clipColours },
    flip: number('flip', 0),
    zoom: number('zoom', 0),
    jitter: {
      brightness: number('jitterBrightness', 0),
      contrast: number('jitterContrast', 0),
      saturation: number('jitterSaturation', 0),
      hue: 0,
    },
    balancedSampler: settings['sampler'] === 'balanced',
    normalPlaces: settings['normalPlaces'] === true,
    learnBoxes: settings['learnBoxes'] !== false,
    validationShare: number('validationShare', 0.25),
    score: word('score', scoreKinds),
    judgeTraining: settings['judgeTraining'] === true,
    cacheFrames: settings['cacheFrames'] === true,
  };
}
