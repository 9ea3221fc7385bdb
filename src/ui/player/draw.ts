// What the player's parts are given to draw.

export type Draw = (
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  colour: (name: string) => string,
) => void;

/** One curve over the frames of a clip. */
export interface ClipLine {
  readonly label: string;
  readonly values: ArrayLike<number>;
  /** Name of the theme's variable. */
  readonly colour: string;
  readonly dashed?: boolean;
}

/** The part of the time cursor that a view around it calls. */
export interface KeyTarget {
  /** True when the key was one of the player's. */
  key(event: KeyboardEvent): boolean;
}
