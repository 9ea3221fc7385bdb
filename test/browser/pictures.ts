// Makes small pictures inside the page, in whatever format and held in whatever way.
import type { DataFile } from '../../src/formats/dataFile';
import { levelOf } from './clip';

export interface PictureOptions {
  readonly type?: string;
  readonly width?: number;
  readonly height?: number;
}

/** One colour all over, as a style of a canvas. */
export async function picture(colour: string, options: PictureOptions = {}): Promise<Blob> {
  const { type = 'image/png', width = 64, height = 48 } = options;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  context.fillStyle = colour;
  context.fillRect(0, 0, width, height);
  return await canvas.convertToBlob({ type, quality: 0.95 });
}

/** Pictures `000000.png` and so on below `folder`, of which each one's grey level tells its number, as in `makeClip`. */
export function numberedPictures(folder: string, count: number, options: PictureOptions = {}): Promise<DataFile[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const level = levelOf(i);
      const blob = await picture(`rgb(${level} ${level} ${level})`, options);
      const name = `${String(i).padStart(6, '0')}.${(options.type ?? 'image/png').split('/')[1]!}`;
      return { path: `${folder}/${name}`, blob: new File([blob], name, { lastModified: i }) };
    }),
  );
}

/** The JPEG with an EXIF segment that says how the camera was held (TIFF tag 0x0112). */
export function held(jpeg: Blob, orientation: number): Blob {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0];
  const body = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  const segment = Uint8Array.from([0xff, 0xe1, 0, body.length + 2, ...body]);
  return new Blob([jpeg.slice(0, 2), segment, jpeg.slice(2)]);
}
