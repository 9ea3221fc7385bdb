// arccos in f32, relative error below 3e-7: WGSL's own may be wrong by 2e-5.
//
// Arcsine polynomial of the Cephes library (asinf, Moshier 1992) on [0, 1/2]; beyond it
// arccos x = 2 arcsin √((1 − x) / 2), which keeps its digits near 1.

/** WGSL source of acos for `f32` or a vector of them. */
export function acosSource(type: string, name: string): string {
  return `fn ${name}(x: ${type}) -> ${type} {
  let a = min(abs(x), ${type}(1.0));
  let far = a > ${type}(0.5);
  let z = select(a * a, 0.5 * (1.0 - a), far);
  let s = select(a, sqrt(z), far);
  let p = ((((0.042163199048 * z + 0.024181311049) * z + 0.045470025998) * z + 0.074953002686) * z + 0.16666752422) * z * s + s;
  let near = 1.5707963268 - select(p, -p, x < ${type}(0.0));
  let wide = select(2.0 * p, 3.1415926536 - 2.0 * p, x < ${type}(0.0));
  return select(near, wide, far);
}`;
}
