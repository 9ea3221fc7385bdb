// The colour of a made-up face, point by point.
import { GRAIN_SIDE, type Look } from './faceLook';
import { sample } from '../video/noiseTexture';
import type { Pose } from './headPose';

/** Red, green and blue of one point, and how much of it covers what lies behind, 0 to 1. */
export type Point = Float64Array;

/**
 * Gives the colour at a point of the head, hair in front included.
 * @param u, v from the head's middle to the right and down, in half widths and half heights: within the unit circle.
 * @param sharpness pixels in half a head width: edges are one pixel wide.
 */
export function faceColour(look: Look, pose: Pose, u: number, v: number, sharpness: number, out: Point): void {
  const { skin, light, eyes, brows, nose, mouth, hairline, hair, lips } = look;
  const depth = Math.sqrt(Math.max(0, 1 - u * u - v * v));
  // The same points of the face as seen from the front: near the middle they move most.
  const a = u - pose.turn * depth;
  const b = v - pose.nod * depth;
  const side = Math.abs(a);
  const grain = sample(look.grain, ((a + 2) * GRAIN_SIDE) / 4, ((b + 2) * GRAIN_SIDE) / 4);

  // The nose stands out: one flank faces the light more than the other, and a shadow lies below it.
  let slope = 0;
  const along = (b + 0.12) / (nose.down + 0.12);
  const flank = nose.wide * (0.45 + 0.55 * along);
  if (along > 0 && along < 1 && side < flank) slope = (2 * a * (flank - side)) / (flank * flank);
  const lit = Math.max(0, light.x * (u + slope) + light.y * v + light.z * depth);
  let shade = light.ambient + (1.05 - light.ambient) * lit;
  if (b > nose.down && b < nose.down + 0.07 && side < nose.wide) shade *= 0.72 + (0.28 * (b - nose.down)) / 0.07;

  const cheek = 0.22 / (1 + 14 * ((side - 0.52) ** 2 + (b - 0.24) ** 2));
  const rough = 1 + look.grainStrength * grain;
  out[0] = skin[0] * rough * (1 + 0.25 * cheek);
  out[1] = skin[1] * rough * (1 - 0.3 * cheek);
  out[2] = skin[2] * rough * (1 - 0.2 * cheek);

  // Eyes, with the sockets' shadow; the lids close them from above.
  const ex = side - eyes.apart;
  const ey = b + eyes.up;
  if (Math.abs(ex) < eyes.wide * 1.5 && Math.abs(ey) < 0.2) {
    const socket = 1 - 0.22 * Math.max(0, 1 - (ex / (eyes.wide * 1.5)) ** 2 - (ey / 0.2) ** 2);
    scaleColour(out, socket);
    const open = Math.max(0.012, eyes.high * pose.lids);
    const white = inside((ex / eyes.wide) ** 2 + (ey / open) ** 2, open * sharpness);
    if (white > 0) {
      cover(out, 225, 222, 218, white);
      const looking = 0.3 * eyes.wide * pose.gaze * Math.sign(a);
      const round = ((ex - looking) / 0.105) ** 2 + (ey / 0.078) ** 2;
      const iris = inside(round, 0.1 * sharpness) * white;
      cover(out, look.iris[0], look.iris[1], look.iris[2], iris);
      cover(out, 12, 10, 10, inside(round * 4, 0.05 * sharpness) * white);
    }
    const lash = Math.abs(ey + open * Math.sqrt(Math.max(0, 1 - (ex / eyes.wide) ** 2)));
    if (Math.abs(ex) < eyes.wide) cover(out, 30, 22, 20, 0.7 * Math.max(0, 1 - lash * sharpness));
  }
  const brow = b + eyes.up + brows.up + brows.slant * ex - 0.6 * ex * ex;
  if (Math.abs(ex) < eyes.wide * 1.25 && Math.abs(brow) < 0.12)
    cover(out, hair[0] * 0.8, hair[1] * 0.8, hair[2] * 0.8, 0.85 * edge((brows.thick - Math.abs(brow)) * sharpness));

  const mx = a / mouth.wide;
  if (Math.abs(mx) < 1.3 && Math.abs(b - mouth.down) < 0.35) {
    const gap = 0.13 * pose.mouth;
    const my = b - mouth.down - 0.6 * gap;
    const lip = inside(mx * mx + (my / (mouth.thick + gap)) ** 2, (mouth.thick + gap) * sharpness);
    cover(out, lips[0] * rough, lips[1] * rough, lips[2] * rough, lip);
    const slit = Math.max(0.014, gap);
    cover(out, 46, 16, 18, inside((mx / 0.85) ** 2 + (my / slit) ** 2, slit * sharpness));
    if (gap > 0.05 && my < 0)
      cover(out, 214, 208, 200, 0.8 * inside((mx / 0.6) ** 2 + ((my + gap * 0.7) / 0.03) ** 2, 1));
  }

  // Hair covers the forehead down to a bent line.
  const line = -hairline.up + hairline.bend * a * a;
  const covered = edge((line - b) * sharpness);
  if (covered > 0) {
    const strand = 1 + 0.28 * sample(look.grain, a * 90 + 7, b * 9);
    cover(out, hair[0] * strand, hair[1] * strand, hair[2] * strand, covered);
  }
  scaleColour(out, shade);
  out[3] = inside(u * u + v * v, sharpness);
}

function cover(out: Point, red: number, green: number, blue: number, share: number): void {
  out[0]! += share * (red - out[0]!);
  out[1]! += share * (green - out[1]!);
  out[2]! += share * (blue - out[2]!);
}

function scaleColour(out: Point, by: number): void {
  out[0]! *= by;
  out[1]! *= by;
  out[2]! *= by;
}

/** How much of a pixel lies inside an ellipse: `square` is 1 on its rim, `pixels` its smaller half axis. */
function inside(square: number, pixels: number): number {
  return edge((1 - square) * 0.5 * pixels);
}

/** The share of a pixel whose middle lies so many pixels inside an edge. */
function edge(pixels: number): number {
  return pixels <= -0.5 ? 0 : pixels >= 0.5 ? 1 : pixels + 0.5;
}
