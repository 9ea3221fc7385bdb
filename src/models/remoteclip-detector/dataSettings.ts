// What the settings say about pictures: how they are cut, how they look, how they are disturbed in training.
import type { JitterRanges } from '../../engine/frames/colourJitter';
import type { FrameLook } from '../../frames/videoStore';
import type { Settings } from '../settings';

export interface DetectorDataSettings {
  readonly stage: 'detector' | 'classifier';
  readonly look: FrameLook;
  /** Pieces of the picture at its own resolution, or the whole picture squeezed to the input. */
  readonly pictures: 'tiles' | 'stretch';
  /** Training tiles of each picture in an epoch; 0 for as many as would cover it. */
  readonly tilesPerPicture: number;
  /** Chance that a training tile is drawn around a box. */
  readonly boxShare: number;
  /** Share of their side that neighbouring tiles have in common in evaluation. */
  readonly overlap: number;
  readonly flip: number;
  readonly turns: boolean;
  /** The share by which what a training picture sees grows or shrinks. */
  readonly cropJitter: number;
  readonly jitter: JitterRanges;
  /** Boxes of which a training picture shows less of their area are left out. */
  readonly keptShare: number;
  /** All boxes count as this class; empty for classes as they are labelled. */
  readonly oneClass: string;
  readonly classFeatures: 'learned' | 'texts' | 'given';
  /** `{}` stands for the name. */
  readonly prompt: string;
  readonly minScore: number;
  readonly nmsThreshold: number;
  readonly cacheFrames: boolean;
}

const looks = {
  clip: { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] },
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
} as const;

/** Reads them. */
export function detectorDataSettings(settings: Settings): DetectorDataSettings {
  const number = (key: string): number => Number(settings[key]);
  const word = <Word extends string>(key: string, words: readonly [Word, ...Word[]]): Word =>
    words.find((one) => one === settings[key]) ?? words[0];
  const side = number('imageSize');
  const stage = word('stage', ['detector', 'classifier']);
  return {
    stage,
    look: { size: { width: side, height: side }, ...looks[word('normalisation', ['clip', 'imagenet'])] },
    // What a whole picture shows is what a picture's class is of.
    pictures: stage === 'classifier' ? 'stretch' : word('pictures', ['tiles', 'stretch']),
    tilesPerPicture: number('tilesPerPicture'),
    boxShare: number('boxShare'),
    overlap: number('overlap'),
    flip: number('flip'),
    turns: settings['turns'] === true,
    cropJitter: number('cropJitter'),
    jitter: {
      brightness: number('jitterBrightness'),
      contrast: number('jitterContrast'),
      saturation: number('jitterSaturation'),
      hue: number('jitterHue'),
    },
    keptShare: number('keptShare'),
    oneClass: String(settings['oneClass']).trim(),
    classFeatures: word('classFeatures', ['learned', 'texts', 'given']),
    prompt: String(settings['prompt']),
    minScore: number('minScore'),
    nmsThreshold: number('nmsThreshold'),
    cacheFrames: settings['cacheFrames'] === true,
  };
}
