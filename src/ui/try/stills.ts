// Pictures of a video at some moments, with what was found drawn over them.
import type { FindingsReading } from '../judged/taskFindings';
import type { Colour } from '../player/draw';
import { drawOverlays } from './drawFound';

export interface TakenStill {
  readonly seconds: number;
  readonly png: Blob;
}

/** Past a frame's timestamp by less than any frame lasts: a seek to the timestamp itself may land before it. */
const inside = 5e-4;

/** At the size of the picture. Throws where the browser cannot play the file. */
export async function stillsOf(
  video: Blob,
  moments: readonly number[],
  reading: Pick<FindingsReading, 'overlays' | 'timestamps'>,
  colour: Colour,
): Promise<readonly TakenStill[]> {
  const element = document.createElement('video');
  const source = URL.createObjectURL(video);
  element.muted = true;
  element.src = source;
  try {
    await heard(element, 'loadeddata');
    const stills: TakenStill[] = [];
    for (const seconds of moments) {
      const sought = heard(element, 'seeked');
      element.currentTime = seconds + inside;
      await sought;
      const picture = new VideoFrame(element);
      const size = { width: picture.displayWidth, height: picture.displayHeight };
      const canvas = new OffscreenCanvas(size.width, size.height);
      const context = canvas.getContext('2d')!;
      context.drawImage(picture, 0, 0);
      const shownAt = picture.timestamp / 1e6;
      picture.close();
      drawOverlays(context, size, shownAt, reading, colour);
      stills.push({ seconds, png: await canvas.convertToBlob({ type: 'image/png' }) });
    }
    return stills;
  } finally {
    element.removeAttribute('src');
    URL.revokeObjectURL(source);
  }
}

function heard(element: HTMLVideoElement, event: 'loadeddata' | 'seeked'): Promise<void> {
  return new Promise((resolve, reject) => {
    element.addEventListener(event, () => resolve(), { once: true });
    element.addEventListener('error', () => reject(new Error('the video cannot be played')), { once: true });
  });
}
