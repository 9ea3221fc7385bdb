// The settings that the pose task's data depends on, read from a run's settings.
import type { Settings } from '../settings';
import type { Noise } from '../../figure/detectorNoise';

export interface PoseDataSettings {
  /** Frames per clip. */
  readonly frames: number;
  /** From one training clip to the next, frames. */
  readonly stride: number;
  /** Hz. */
  readonly frameRate: number;
  /** In training: the four virtual cameras, or a new one for each clip of each epoch. */
  readonly cameras: 'four' | 'random';
  readonly noise: Noise;
  /** Share of training clips that are mirrored. */
  readonly flip: number;
  /** Targets have their root subtracted frame by frame (spec section 10.2). */
  readonly rootRelative: boolean;
  /** Input positions are relative to the hip of their frame; where the person stands in the picture is left out. */
  readonly centreInput: boolean;
  /** Input channels: x, y and, when 3, confidence. */
  readonly dimIn: 2 | 3;
  /** Validation predicts each clip and its mirror image and takes the mean (spec section 11.1). */
  readonly testFlip: boolean;
}

/** Reads them; a key that is missing has the value that changes nothing. */
export function poseDataSettings(settings: Settings): PoseDataSettings {
  const number = (key: string, otherwise: number): number => Number(settings[key] ?? otherwise);
  const frames = number('frames', 243);
  return {
    frames,
    stride: number('stride', Math.max(1, Math.floor(frames / 3))),
    frameRate: number('frameRate', 30),
    cameras: settings['cameras'] === 'random' ? 'random' : 'four',
    noise: { sigma: number('noise', 0), outliers: number('outliers', 0) },
    flip: number('flip', 0),
    rootRelative: settings['rootRelative'] === true,
    centreInput: settings['centreInput'] === true,
    dimIn: settings['confidence'] === true ? 3 : 2,
    testFlip: settings['testFlip'] === true,
  };
}
