// Draws a frame of the demo's videos: wall, shoulders and head, what a manipulation puts on it, and the camera's noise.
import { seededRandom } from '../../samples/seededRandom';
import { faceColour, type Point } from '../../figure/face';
import type { Colour, Look } from '../../figure/faceLook';
import { sample } from '../../video/noiseTexture';
import { patchFace } from './demoPatch';
import type { Picture } from './demoPicture';
import { makeMovement, type Pose } from '../../figure/headPose';
import type { DemoVideo } from './demoVideos';

/** Writes red, green, blue and 255 of frame `frame` into `pixels` [side, side, 4]. Equal calls draw equal frames. */
export function drawDemoFrame(video: DemoVideo, frame: number, pixels: Uint8ClampedArray): void {
  const { look, side, framesPerSecond, seed, manipulation } = video;
  const pose = makeMovement(seed)(frame / framesPerSecond);
  const picture: Picture = {
    side,
    colours: new Float32Array(side * side * 3),
    noise: new Float32Array(side * side).fill(1),
  };
  paintWall(picture, look, pose);
  paintBody(picture, look, pose);
  paintHead(picture, look, pose);
  if (manipulation !== null) patchFace(picture, look, pose, manipulation, frame);
  develop(picture, look, seed + 31 * frame, pixels);
}

function paintWall({ side, colours }: Picture, { wall }: Look, { drift }: Pose): void {
  const { near, far, texture, strength, stripes } = wall;
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at += 3) {
      const place = x / side + drift;
      const share = 0.5 * (place + y / side);
      const wave = stripes === 0 ? 0 : Math.abs(((place / stripes) % 1) - 0.5) > 0.4 ? 1.4 : -0.2;
      const rough = strength * (wave + sample(texture, place * 48, (y / side) * 48));
      colours[at] = near[0] + share * (far[0] - near[0]) + rough;
      colours[at + 1] = near[1] + share * (far[1] - near[1]) + rough;
      colours[at + 2] = near[2] + share * (far[2] - near[2]) + rough;
    }
  }
}

/** Hair behind the head, the neck and the shoulders. */
function paintBody(picture: Picture, look: Look, pose: Pose): void {
  const { width, height, skin, hair, shirt, hairline } = look;
  const { x, y } = pose;
  const long = hairline.long * 0.55;
  const [wide, high] = [width * pose.scale, height * pose.scale];
  ellipse(picture, x, y + high * (long - 0.06), wide * 1.13, high * (1.1 + long), hair, 0.75, look);
  const middle = 0.5 + 0.6 * (x - 0.5);
  ellipse(picture, middle, y + high * 1.05, wide * 0.5, high * 0.62, skin, 0.62, look);
  ellipse(picture, middle, 1.08, wide * 1.9, 0.27, shirt, 0.85, look);
}

function ellipse(
  { side, colours }: Picture,
  x: number,
  y: number,
  wide: number,
  high: number,
  [red, green, blue]: Colour,
  shade: number,
  { grain, light }: Look,
): void {
  const last = side - 1;
  const [top, bottom] = [Math.max(0, Math.floor((y - high) * side)), Math.min(last, Math.ceil((y + high) * side))];
  const [left, right] = [Math.max(0, Math.floor((x - wide) * side)), Math.min(last, Math.ceil((x + wide) * side))];
  const sharpness = 0.5 * wide * side;
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const u = (column / side - x) / wide;
      const v = (row / side - y) / high;
      const share = Math.min(1, Math.max(0, 0.5 + (1 - u * u - v * v) * sharpness));
      if (share === 0) continue;
      const rough = 1 + 0.16 * sample(grain, u * 40 + 9, v * 12);
      const lit = shade * rough * (1 + 0.3 * light.x * u);
      const at = (row * side + column) * 3;
      colours[at]! += share * (red * lit - colours[at]!);
      colours[at + 1]! += share * (green * lit - colours[at + 1]!);
      colours[at + 2]! += share * (blue * lit - colours[at + 2]!);
    }
  }
}

function paintHead({ side, colours }: Picture, look: Look, pose: Pose): void {
  const [cos, sin] = [Math.cos(pose.roll), Math.sin(pose.roll)];
  const [wide, high] = [look.width * pose.scale, look.height * pose.scale];
  const reach = Math.max(wide, high) * 1.02;
  const first = (middle: number): number => Math.max(0, Math.floor((middle - reach) * side));
  const end = (middle: number): number => Math.min(side, Math.ceil((middle + reach) * side) + 1);
  const point: Point = new Float64Array(4);
  for (let row = first(pose.y); row < end(pose.y); row++) {
    for (let column = first(pose.x); column < end(pose.x); column++) {
      const dx = column / side - pose.x;
      const dy = row / side - pose.y;
      const u = (dx * cos + dy * sin) / wide;
      const v = (dy * cos - dx * sin) / high;
      if (u * u + v * v > 1.1) continue;
      faceColour(look, pose, u, v, wide * side, point);
      const at = (row * side + column) * 3;
      const share = point[3]!;
      colours[at]! += share * (point[0]! - colours[at]!);
      colours[at + 1]! += share * (point[1]! - colours[at + 1]!);
      colours[at + 2]! += share * (point[2]! - colours[at + 2]!);
    }
  }
}

const NOISE = 4096;
/** Normally distributed numbers, near enough, that every frame reads from places of its own. */
const noise = ((): Float32Array => {
  const random = seededRandom(5);
  return Float32Array.from({ length: NOISE }, () => 2 * (random() + random() + random() - 1.5));
})();

/** Adds the camera's noise and writes bytes. */
function develop(
  { side, colours, noise: strength }: Picture,
  look: Look,
  seed: number,
  pixels: Uint8ClampedArray,
): void {
  const random = seededRandom(seed);
  for (let row = 0, at = 0, out = 0; row < side; row++) {
    let place = Math.floor(random() * NOISE);
    for (let column = 0; column < side; column++, at += 3, out += 4) {
      const scale = look.noise * strength[row * side + column]!;
      const grey = 0.8 * noise[place & (NOISE - 1)]!;
      for (let colour = 0; colour < 3; colour++)
        pixels[out + colour] =
          colours[at + colour]! + scale * (grey + 0.5 * noise[(place + 1 + colour) & (NOISE - 1)]!);
      pixels[out + 3] = 255;
      place += 4;
    }
  }
}
