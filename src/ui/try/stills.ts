// Pictures of a video at some moments, with what was found drawn over them.
import type { FindingsReading } from '../judged/taskFindings';
import { frameAt } from '../player/frames';

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
  { overlays, timestamps }: Pick<FindingsReading, 'overlays' | 'timestamps'>,
): Promise<readonly TakenStill[]> {
  const element = document.createElement('video');
  const source = URL.createObjectURL(video);
  element.muted = true;
  element.src = source;
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  try {
    await heard(element, 'loadeddata');
    const stills: TakenStill[] = [];
    for (const seconds of moments) {
      const sought = heard(element, 'seeked');
      element.currentTime = seconds + inside;
      await sought;
      const picture = new VideoFrame(element);
      const place = { width: picture.displayWidth, height: picture.displayHeight };
      const canvas = new OffscreenCanvas(place.width, place.height);
      const context = canvas.getContext('2d')!;
      context.drawImage(picture, 0, 0);
      const frame = frameAt(timestamps, picture.timestamp / 1e6);
      picture.close();
      // An offscreen context draws as one on the page does.
      for (const draw of overlays) draw(context as unknown as CanvasRenderingContext2D, { ...place, frame, colour });
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
