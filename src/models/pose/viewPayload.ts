// What the pose view draws after a validation pass: plain data that crosses from the worker.

/** Consecutive frames of one validation video. */
export interface PoseViewSequence {
  readonly name: string;
  readonly action: string;
  readonly subject: string;
  /** Name of the camera. */
  readonly camera: string;
  /** Radians about the vertical axis, null for a real camera. */
  readonly cameraYaw: number | null;
  /** Size of the image in pixels. */
  readonly width: number;
  readonly height: number;
  readonly frameRate: number;
  readonly frames: number;
  /** Normalised 2D input, [frames, 17, 2]: x in [-1, 1], y in ±height/width, y down. */
  readonly input: Float32Array;
  /** Root-relative millimetres in camera axes (x right, y down, z depth), [frames, 17, 3]. */
  readonly prediction: Float32Array;
  readonly truth: Float32Array;
  /** P1 in mm, [frames]. */
  readonly frameP1: Float32Array;
}

/** One of the validation clips with the largest P1. */
export interface PoseWorstClip {
  readonly name: string;
  readonly action: string;
  readonly camera: string;
  readonly firstFrame: number;
  readonly frames: number;
  readonly p1: number;
  /** Index into `sequences` when its frames are among them, else -1. */
  readonly sequence: number;
}

export interface PoseView {
  readonly kind: 'pose';
  /** At most four, of different actions. */
  readonly sequences: readonly PoseViewSequence[];
  /** At most ten, the worst first. */
  readonly worst: readonly PoseWorstClip[];
}
