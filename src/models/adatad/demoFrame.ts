// Draws the frames of a video of the demo: ground and backdrop that pass as the camera moves, a shadow, the person, noise.
import type { Camera } from '../../figure/camera';
import { paintBody, seenAt, type PaintedPicture } from '../../figure/paintBody';
import { seededRandom } from '../../samples/seededRandom';
import { sample } from '../../video/noiseTexture';
import { makeClothes, makeSetting, type Setting } from './demoLook';
import { makeScene } from './demoScene';
import type { DemoVideo } from './demoVideos';

/** Writes red, green, blue and 255 of a frame. */
export type DrawFrame = (frame: number, pixels: Uint8ClampedArray) => void;

/** Draws any frame of a video into [side, side, 4]; equal calls draw equal frames. */
export function demoFrames(video: DemoVideo): DrawFrame {
  const { side, seed } = video;
  const scene = makeScene(video);
  const clothes = makeClothes(video.personSeed);
  const setting = makeSetting(seed, clothes);
  const picture: PaintedPicture = { width: side, height: side, colours: new Float32Array(side * side * 3) };
  return (frame, pixels) => {
    const camera = scene.cameras[frame]!;
    paintSetting(picture, camera, setting);
    paintShadow(picture, camera, scene.world, frame * 51);
    paintBody(picture, scene.world, frame * 51, camera, clothes);
    develop(picture, setting.noise, seed + 31 * frame, pixels);
  };
}

/** Millimetres of ground for one point of its texture, and points of the backdrop's for one radian. */
const GROUND_POINT = 160;
const BACKDROP_POINTS = 40;
/** The backdrop stands so far away: it passes a little as the camera moves. */
const BACKDROP_MILLIMETRES = 9000;

/** Rays that fall below the horizon meet the ground, the others the backdrop. */
function paintSetting({ width, height, colours }: PaintedPicture, camera: Camera, setting: Setting): void {
  const { rotation: r, centre, fx, fy, cx, cy } = camera;
  const { ground, backdrop, groundTexture, backdropTexture, strength } = setting;
  for (let y = 0, at = 0; y < height; y++) {
    const v = (y + 0.5 - cy) / fy;
    for (let x = 0; x < width; x++, at += 3) {
      const u = (x + 0.5 - cx) / fx;
      const [dx, dy, dz] = [
        r[0]! * u + r[3]! * v + r[6]!,
        r[1]! * u + r[4]! * v + r[7]!,
        r[2]! * u + r[5]! * v + r[8]!,
      ];
      const steps = dy < -1e-3 ? -centre[1] / dy : Infinity;
      const onGround = steps < BACKDROP_MILLIMETRES;
      const far = onGround ? steps : BACKDROP_MILLIMETRES;
      const [px, py, pz] = [centre[0] + far * dx, centre[1] + far * dy, centre[2] + far * dz];
      // Along the picture's own right, so that the backdrop is a wall across the view.
      const across = (r[0]! * px + r[2]! * pz) / (BACKDROP_MILLIMETRES / BACKDROP_POINTS);
      const rough = onGround
        ? sample(groundTexture, px / GROUND_POINT, pz / GROUND_POINT)
        : sample(backdropTexture, across, py / (BACKDROP_MILLIMETRES / BACKDROP_POINTS));
      const base = onGround ? ground : backdrop;
      const light = strength * Math.max(-2, Math.min(2, rough));
      for (let c = 0; c < 3; c++) colours[at + c] = base[c]! + light;
    }
  }
}

/** Under the root, on the ground: it stays there while the person is in the air. */
function paintShadow(
  { width, height, colours }: PaintedPicture,
  camera: Camera,
  world: Float32Array,
  at: number,
): void {
  const middle = seenAt(camera, world[at]!, 0, world[at + 2]!);
  const wide = 330 * middle.scale;
  const high = wide * Math.max(0.12, Math.abs(camera.rotation[7]!));
  for (let y = Math.max(0, Math.floor(middle.y - high)); y < Math.min(height, middle.y + high); y++)
    for (let x = Math.max(0, Math.floor(middle.x - wide)); x < Math.min(width, middle.x + wide); x++) {
      const away = Math.hypot((x + 0.5 - middle.x) / wide, (y + 0.5 - middle.y) / high);
      const dark = 1 - 0.45 * Math.max(0, 1 - away * away);
      for (let c = 0; c < 3; c++) colours[(y * width + x) * 3 + c]! *= dark;
    }
}

const NOISE = 4096;
/** Normally distributed numbers, near enough, that every row reads from a place of its own. */
const noise = ((): Float32Array => {
  const random = seededRandom(5);
  return Float32Array.from({ length: NOISE }, () => 2 * (random() + random() + random() - 1.5));
})();

/** Adds the camera's noise and writes bytes. */
function develop(
  { width, height, colours }: PaintedPicture,
  strength: number,
  seed: number,
  pixels: Uint8ClampedArray,
): void {
  const random = seededRandom(seed);
  for (let y = 0, at = 0, out = 0; y < height; y++) {
    let place = Math.floor(random() * NOISE);
    for (let x = 0; x < width; x++, at += 3, out += 4) {
      for (let c = 0; c < 3; c++) pixels[out + c] = colours[at + c]! + strength * noise[(place + 3 * c) & (NOISE - 1)]!;
      pixels[out + 3] = 255;
      place++;
    }
  }
}
