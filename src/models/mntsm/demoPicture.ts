// A picture of the demo while it is drawn.

/** Red, green and blue of a square picture, 0 to 255 and beyond, row by row. */
export interface Picture {
  readonly side: number;
  readonly colours: Float32Array;
  /** How strong the camera's noise is at each point, 1 where nothing was changed. */
  readonly noise: Float32Array;
}
