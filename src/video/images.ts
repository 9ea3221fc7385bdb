// Pictures as frames: JPEG, PNG, WebP and AVIF, upright whatever way the camera was held.
import { UserError } from '../errors';
import { readFile, type Reading } from '../formats/reading';
import { withPatience } from './patience';

/** What the first bytes of a file say it is. */
const kinds: readonly (readonly [pattern: RegExp, name: string, read: boolean])[] = [
  [/^\xff\xd8\xff/, 'JPEG', true],
  [/^\x89PNG/, 'PNG', true],
  [/^RIFF.{4}WEBP/s, 'WebP', true],
  [/^.{4}ftypavi[fs]/s, 'AVIF', true],
  [/^.{4}ftyp(heic|heix|hevc|mif1|msf1)/s, 'HEIC', false],
  [/^(II\*\0|MM\0\*)/, 'TIFF', false],
  [/^BM/, 'BMP', true],
  [/^GIF8/, 'GIF', true],
];

/**
 * Decodes a picture and turns it as its EXIF data says. The caller closes the frame.
 * @param path only named in sentences.
 * @throws UserError `image-format` for what no browser reads, `image-damaged`, `file-unreadable`.
 */
export async function openImage(file: Blob, path: string, signal?: AbortSignal): Promise<VideoFrame> {
  const head = String.fromCharCode(...(await readFile(file, path, firstBytes(Math.min(16, file.size)))));
  const [, name, read] = kinds.find(([pattern]) => pattern.test(head)) ?? [];
  if (name === undefined || read !== true) {
    const what = name === undefined ? 'This is no picture that is known here' : `${name} pictures are not read`;
    const message = `${what}; JPEG, PNG, WebP and AVIF are. Save it as one of those (${path})`;
    throw new UserError('image-format', message, { path, kind: name ?? '' });
  }
  try {
    // Colours as they are stored, as training pipelines read them.
    const options: ImageBitmapOptions = { imageOrientation: 'from-image', colorSpaceConversion: 'none' };
    const bitmap = await withPatience(createImageBitmap(file, { ...options, premultiplyAlpha: 'none' }), path, signal);
    try {
      // A frame made of the bitmap itself forgets in Chromium 156 which way it was turned; drawing does not.
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      canvas.getContext('2d', { alpha: false, willReadFrequently: true })!.drawImage(bitmap, 0, 0);
      return new VideoFrame(canvas, { timestamp: 0, alpha: 'discard' });
    } finally {
      bitmap.close();
    }
  } catch (cause) {
    if (cause instanceof UserError || signal?.aborted === true) throw cause;
    const message = `The ${name} picture is damaged or cut off; copy it again (${path})`;
    throw new UserError('image-damaged', message, { path, kind: name }, { cause });
  }
}

function* firstBytes(end: number): Reading<Uint8Array> {
  return yield { begin: 0, end };
}
