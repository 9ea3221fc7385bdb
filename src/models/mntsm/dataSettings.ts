// What the settings say about clips: which frames, how they look, how they are disturbed in training.
import type { JitterRanges } from '../../engine/frames/colourJitter';
import type { FrameLook } from '../../training/videoStore';
import type { ClipShape } from '../../samples/clips';

export interface MntsmDataSettings {
  readonly batch: number;
  readonly shape: ClipShape;
  readonly strideSeconds: number;
  /** Training clips start anywhere, or where the fixed ones do. */
  readonly starts: 'random' | 'windows';
  /** The whole picture, or the largest square in its middle. */
  readonly crop: 'none' | 'centre';
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
