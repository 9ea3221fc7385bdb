// What lifting a person's key points finds: plain JSON, in pixels until somebody says how large the person is.
import type { LiftedPerson } from '../../annotations/writePoses';

export type JudgedPerson = LiftedPerson;

export interface PoseFindings {
  /** The one that is seen largest first. */
  readonly people: readonly JudgedPerson[];
}
