// The matrix that turns luma and chroma samples into red, green and blue (ITU-R BT.601, BT.709, BT.2020).

export interface YuvColour {
  readonly matrix: 'bt601' | 'bt709' | 'bt2020';
  /** Whether samples use all of 0..255. */
  readonly fullRange: boolean;
}

/** Weights of red and blue in luma. */
const lumaWeights = { bt601: [0.299, 0.114], bt709: [0.2126, 0.0722], bt2020: [0.2627, 0.0593] } as const;

/** Rows for red, green and blue; each is dotted with (y, u, v, 1), samples as 0..1 of a byte. */
export function yuvToRgb({ matrix, fullRange }: YuvColour): readonly (readonly number[])[] {
  const [red, blue] = lumaWeights[matrix];
  const green = 1 - red - blue;
  const luma = fullRange ? 1 : 255 / 219;
  const chroma = fullRange ? 1 : 255 / 224;
  const black = fullRange ? 0 : 16 / 255;
  const grey = 128 / 255;
  const row = (u: number, v: number) => [luma, u * chroma, v * chroma, -luma * black - (u + v) * chroma * grey];
  return [
    row(0, 2 * (1 - red)),
    row((-2 * blue * (1 - blue)) / green, (-2 * red * (1 - red)) / green),
    row(2 * (1 - blue), 0),
  ];
}
