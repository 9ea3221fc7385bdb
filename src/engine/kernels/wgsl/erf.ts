// erf in f32: Abramowitz and Stegun 7.1.26, absolute error below 1.5e-7 plus f32 rounding.

/** WGSL source of erf for `f32` or a vector of them. */
export function erfSource(type: string, name: string): string {
  return `fn ${name}(x: ${type}) -> ${type} {
  let a = abs(x);
  let t = 1.0 / (1.0 + 0.3275911 * a);
  let p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return sign(x) * (1.0 - p * exp(-a * a));
}`;
}
