// What the player's parts are given to draw.

/** Reads a colour of the theme by the name of its variable. */
export type Colour = (name: string) => string;

export type Draw = (context: CanvasRenderingContext2D, width: number, height: number, colour: Colour) => void;

/** A few seconds that are drawn over and over, in a square. */
export interface Scene {
  readonly frames: number;
  readonly framesPerSecond: number;
  readonly draw: (frame: number) => Draw;
}

/** What a model's `preview.ts` exports as `preview`: scenes of its demo, each made when it is asked for. */
export type Preview = readonly (() => Scene)[];

/** Where and when an overlay draws: the picture fills `width` x `height`, in CSS pixels from its top left corner. */
export interface OverlayPlace {
  readonly width: number;
  readonly height: number;
  /** Of the picture that lies below, in the cursor's timestamps. */
  readonly frame: number;
  readonly colour: Colour;
}

/** Draws boxes, skeletons, heat maps or spans over one picture of a video. */
export type Overlay = (context: CanvasRenderingContext2D, place: OverlayPlace) => void;

/** One curve over the frames of a clip. */
export interface ClipLine {
  readonly label: string;
  readonly values: ArrayLike<number>;
  /** Name of the theme's variable. */
  readonly colour: string;
  readonly dashed?: boolean;
}
