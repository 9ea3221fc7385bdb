// From the boxes of a followed face to what clips see of each frame: squares that follow it smoothly.

/** In pixels of the upright picture. */
interface Crop {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A face in some frames: x, y, width and height in pixels, [F, 4]. */
export interface FaceBoxes {
  readonly frames: readonly number[];
  readonly boxes: ArrayLike<number>;
}

/** A square whose jumps were the finder's and not the face's would look like a manipulation. */
const smoothSeconds = 0.3;

/**
 * A square for every frame of the video: around the middle of the box, its side `margin` times the box's longer one, moved
 * into the picture and never larger than it (FaceForensics++'s crops, with 1.3). Between the frames that have a box in a
 * straight line; before the first and after the last as there.
 */
export function faceCrops(
  { frames, boxes }: FaceBoxes,
  times: Float64Array,
  picture: { readonly width: number; readonly height: number },
  margin: number,
): Crop[] {
  const places = frames.map((_, i) => {
    const [x, y, width, height] = [0, 1, 2, 3].map((k) => boxes[i * 4 + k]!) as [number, number, number, number];
    return { x: x + width / 2, y: y + height / 2, side: margin * Math.max(width, height) };
  });
  const smooth = frames.map((frame) => meanNear(places, frames, times, times[frame]!));
  const most = Math.min(picture.width, picture.height);
  let next = 0;
  return Array.from(times, (seconds, frame): Crop => {
    while (next < frames.length - 1 && frames[next + 1]! <= frame) next++;
    const [from, to] = [smooth[next]!, smooth[Math.min(next + 1, smooth.length - 1)]!];
    const begin = times[frames[next]!]!;
    const end = times[frames[Math.min(next + 1, frames.length - 1)]!]!;
    const share = end > begin ? Math.min(1, Math.max(0, (seconds - begin) / (end - begin))) : 0;
    const mix = (key: 'x' | 'y' | 'side'): number => from[key] * (1 - share) + to[key] * share;
    const side = Math.min(most, mix('side'));
    const within = (middle: number, length: number): number => Math.min(length - side, Math.max(0, middle - side / 2));
    return { x: within(mix('x'), picture.width), y: within(mix('y'), picture.height), width: side, height: side };
  });
}

type Place = Readonly<Record<'x' | 'y' | 'side', number>>;

/** Places near a time, the nearer the more they count. */
function meanNear(places: readonly Place[], frames: readonly number[], times: Float64Array, seconds: number): Place {
  let weights = 0;
  const sum = { x: 0, y: 0, side: 0 };
  places.forEach((place, i) => {
    const weight = Math.max(0, 1 - Math.abs(times[frames[i]!]! - seconds) / smoothSeconds);
    weights += weight;
    for (const key of ['x', 'y', 'side'] as const) sum[key] += weight * place[key];
  });
  return { x: sum.x / weights, y: sum.y / weights, side: sum.side / weights };
}
