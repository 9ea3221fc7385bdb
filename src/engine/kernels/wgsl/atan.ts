// arctan in f32, relative error below 3e-7: WGSL's own may be wrong by 4096 last digits.
//
// Polynomial of the Cephes library (atanf, Moshier 1992) on [0, tan π/8], and the two steps that lead there.

/** WGSL source of atan for `f32` or a vector of them. */
export function atanSource(type: string, name: string): string {
  return `fn ${name}(x: ${type}) -> ${type} {
  let a = abs(x);
  let far = a > ${type}(2.4142135624);
  let middle = a > ${type}(0.4142135624);
  let t = select(select(a, (a - 1.0) / (a + 1.0), middle), -1.0 / a, far);
  let start = select(select(${type}(0.0), ${type}(0.7853981634), middle), ${type}(1.5707963268), far);
  let z = t * t;
  let p = (((0.0805374449538 * z - 0.138776856032) * z + 0.199777106478) * z - 0.333329491539) * z * t + t;
  return sign(x) * (start + p);
}`;
}
