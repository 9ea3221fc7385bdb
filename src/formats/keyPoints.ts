// 2-D key points of one person along a video: what files of key points and finders give, and what is lifted into space.

/** The 17 joints of Human3.6M in their order, with their place in the picture. */
export interface KeyPointTrack {
  /** Which person, for example `person 1`; empty where there is one. */
  readonly name: string;
  /** Size of the picture in pixels. */
  readonly width: number;
  readonly height: number;
  /** When each frame is shown, in seconds of the video, ascending, [F]. */
  readonly times: Float64Array;
  /** x and y in pixels (y down) and a confidence of 0..1, [F, 17, 3]; confidence 0 for a joint that was not seen. */
  readonly points: Float32Array | Float64Array;
  /** Frames that stand in for ones in which the person was not seen; [F], 1 where so. */
  readonly bridged?: Uint8Array;
  /** Where a camera's geometry is known, millimetres that a pixel spans at the root, [F]. */
  readonly millimetresPerPixel?: Float32Array;
}

export const keyPointJoints = 17;
