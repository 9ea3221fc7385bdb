// What a 2D detector does to true positions: small errors everywhere, now and then a joint that is far off.

export interface Noise {
  /** Standard deviation in pixels of an image 1000 pixels wide. */
  readonly sigma: number;
  /** Share of joints that are outliers, 0 to 1. */
  readonly outliers: number;
}

/** Standard deviation of an outlier in pixels of an image 1000 pixels wide: a limb's length at 6 m. */
const outlierSigma = 60;

/**
 * Shifts one joint and returns the confidence that a detector would state, 1 where it is right.
 * @param pixels [.., x, y, ..]; the two values from `at` on change.
 */
export function disturb(
  pixels: Float64Array,
  at: number,
  { sigma, outliers }: Noise,
  width: number,
  random: () => number,
): number {
  if (sigma === 0 && outliers === 0) return 1;
  const far = outliers > 0 && random() < outliers;
  // Box and Muller: one draw of radius and angle gives both coordinates.
  const radius = Math.sqrt(-2 * Math.log(1 - random())) * (far ? outlierSigma : sigma) * (width / 1000);
  const angle = 2 * Math.PI * random();
  pixels[at]! += radius * Math.cos(angle);
  pixels[at + 1]! += radius * Math.sin(angle);
  return 1 / (1 + (radius / width) * 20);
}
