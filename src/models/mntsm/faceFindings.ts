// What judging a video of faces finds: scores of clips, of each face that is followed or of the picture as a whole. Plain JSON.

/** A judged clip of a face. */
export interface FoundClip {
  /** When its frames are shown, in seconds of the file's time, [T]. */
  readonly times: readonly number[];
  /** Of being manipulated, 0..1. */
  readonly score: number;
  /** How much each frame counted, [T]. */
  readonly attention: readonly number[];
  /** Of each frame by itself, 0..1, [T]. */
  readonly frameScores: readonly number[];
}

export interface JudgedFace {
  /** For example `face 1`; empty where what is judged is not a face that was found. */
  readonly name: string;
  /** Part of the picture that was looked at in shares of it (left, top, width, height), at these times; [F]. */
  readonly times: readonly number[];
  readonly boxes: readonly (readonly [number, number, number, number])[];
  readonly clips: readonly FoundClip[];
}

export interface FaceFindings {
  /** None where faces were looked for and none was found. */
  readonly faces: readonly JudgedFace[];
}
