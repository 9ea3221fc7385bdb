// What lifting a person's key points finds: plain JSON, in pixels until somebody says how large the person is.

export interface JudgedPerson {
  readonly name: string;
  /** Size of the picture that the key points lie in. */
  readonly width: number;
  readonly height: number;
  /** When each frame is shown, in seconds of the file's time, [F]. */
  readonly times: readonly number[];
  /** x, y in pixels and confidence, [F, 17, 3]. */
  readonly input: readonly number[];
  /** Relative to the root: x right, y down, z away, in pixels at the root's depth, [F, 17, 3]; up to where it is lifted. */
  readonly poses: readonly number[];
  /** Millimetres of such a pixel where the key points came with them, [F]. */
  readonly millimetresPerPixel: readonly number[] | null;
  /** Numbers of frames in which the person was not seen. */
  readonly bridged: readonly number[];
}

export interface PoseFindings {
  /** The one that is seen largest first. */
  readonly people: readonly JudgedPerson[];
}
