// The heat map over a picture: bilinear between places, from transparent over orange to red, by what it is.
import type { Overlay } from '../../ui/player/draw';
import { heatMap } from './heatMap';
import type { ViewVideo } from './viewPayload';

/** Of a sample: its score times how abnormal each of its places looks. */
export function heatAt(video: Pick<ViewVideo, 'places' | 'times'>, score: ArrayLike<number>, sample: number) {
  const patches = video.places.length / video.times.length;
  return heatMap(score[sample] ?? 0, video.places.subarray(sample * patches, (sample + 1) * patches));
}

/** Draws the map of the frame below with this opacity; nothing at 0. */
export function heatOverlay(
  video: Pick<ViewVideo, 'places' | 'times'>,
  score: ArrayLike<number>,
  opacity: number,
): Overlay {
  return (context, { width, height, frame }) => {
    if (opacity === 0) return;
    const heat = heatAt(video, score, frame);
    const side = Math.round(Math.sqrt(heat.length));
    const small = new OffscreenCanvas(side, side);
    const pixels = new ImageData(side, side);
    heat.forEach((value, k) => {
      const share = Math.min(1, Math.max(0, value));
      pixels.data.set([255, Math.round(190 * (1 - share)), 0, Math.round(255 * share)], 4 * k);
    });
    small.getContext('2d')!.putImageData(pixels, 0, 0);
    context.globalAlpha = opacity;
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = 'high';
    context.drawImage(small, 0, 0, width, height);
  };
}
