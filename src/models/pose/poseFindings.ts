// What lifting a person's key points finds: plain JSON, in pixels until somebody says how large the person is.
import type { LiftedPoses } from '../../figure/personScale';

export interface JudgedPerson extends LiftedPoses {
  readonly name: string;
  /** Size of the picture that the key points lie in. */
  readonly width: number;
  readonly height: number;
  /** x, y in pixels and confidence, [F, 17, 3]. */
  readonly input: readonly number[];
  /** Numbers of frames in which the person was not seen. */
  readonly bridged: readonly number[];
}

export interface PoseFindings {
  /** The one that is seen largest first. */
  readonly people: readonly JudgedPerson[];
}
