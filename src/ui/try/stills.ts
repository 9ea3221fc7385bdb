// Pictures of a video at some moments, with what was found drawn over them, in one archive.
import { ZipWriter } from '../../formats/zipWriter';
import type { FindingsReading } from '../judged/taskFindings';
import type { Colour } from '../player/draw';
import { drawOverlays } from './drawFound';

/** Past a frame's timestamp by less than any frame lasts: a seek to the timestamp itself may land before it. */
const inside = 5e-4;

/**
 * A .zip of pictures named by their second (`0.88s.png`), at the size of the video's own; one where moments share it.
 * Throws where the browser cannot play the file.
 */
export async function stillsZip(
  video: Blob,
  moments: readonly number[],
  reading: Pick<FindingsReading, 'overlays' | 'timestamps'>,
  colour: Colour,
): Promise<Blob> {
  const element = document.createElement('video');
  const source = URL.createObjectURL(video);
  element.muted = true;
  element.src = source;
  try {
    await heard(element, 'loadeddata');
    const zip = new ZipWriter();
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    const byName = new Map(moments.map((seconds) => [`${seconds.toFixed(2)}s.png`, seconds]));
    for (const [name, seconds] of byName) {
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
      const png = await canvas.convertToBlob({ type: 'image/png' });
      for (const piece of zip.file(name, new Uint8Array(await png.arrayBuffer())))
        pieces.push(piece as Uint8Array<ArrayBuffer>);
    }
    return new Blob([...pieces, zip.end()], { type: 'application/zip' });
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
