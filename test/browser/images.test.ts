// Pictures of all kinds become upright frames; others end in a sentence.
import { describe, expect, it } from 'vitest';
import { openImage } from '../../src/video/images';
import { held } from './pictures';

/** 32 × 16, red on the left, blue on the right. */
async function picture(type: string): Promise<Blob> {
  const canvas = new OffscreenCanvas(32, 16);
  const context = canvas.getContext('2d')!;
  context.fillStyle = 'rgb(250 0 0)';
  context.fillRect(0, 0, 16, 16);
  context.fillStyle = 'rgb(0 0 250)';
  context.fillRect(16, 0, 16, 16);
  return await canvas.convertToBlob({ type, quality: 0.95 });
}

/** The same picture as an AVIF, which canvases cannot make: one key frame of AV1 in full colour. */
const avif =
  'AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAAD5bWV0YQAAAAAAAAAvaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAA' +
  'AFBpY3R1cmVIYW5kbGVyAAAAAA5waXRtAAAAAAABAAAAHmlsb2MAAAAARAAAAQABAAAAAQAAASEAAAA+AAAAKGlpbmYAAAAAAAEA' +
  'AAAaaW5mZQIAAAAAAQAAYXYwMUNvbG9yAAAAAGppcHJwAAAAS2lwY28AAAAUaXNwZQAAAAAAAAAgAAAAEAAAABBwaXhpAAAAAAMI' +
  'CAgAAAAMYXYxQ4EgAAAAAAATY29scm5jbHgAAgACAAIAAAAAF2lwbWEAAAAAAAAAAQABBAECgwQAAABGbWRhdAoFOBD/7YIyNRUA' +
  'AABIAIBA/7s0oFQ+Hl1KmywRqtH7481Q6rkICQKCC+ORBozvwPb1bMt/MaggZjlu0q1g';

/** With a box `irot`: to be turned clockwise once. */
const turnedAvif =
  'AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAAEDbWV0YQAAAAAAAAAvaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAA' +
  'AFBpY3R1cmVIYW5kbGVyAAAAAA5waXRtAAAAAAABAAAAHmlsb2MAAAAARAAAAQABAAAAAQAAASsAAAA+AAAAKGlpbmYAAAAAAAEA' +
  'AAAaaW5mZQIAAAAAAQAAYXYwMUNvbG9yAAAAAHRpcHJwAAAAVGlwY28AAAAUaXNwZQAAAAAAAAAgAAAAEAAAABBwaXhpAAAAAAMI' +
  'CAgAAAAMYXYxQ4EgAAAAAAATY29scm5jbHgAAgACAAIAAAAACWlyb3QDAAAAGGlwbWEAAAAAAAAAAQABBQECgwSFAAAARm1kYXQK' +
  'BTgQ/+2CMjUVAAAASACAQP+7NKBUPh5dSpssEarR++PNUOq5CAkCggvjkQaM78D29WzLfzGoIGY5btKtYA==';

const avifFile = (text: string) => new Blob([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))]);

async function corner(frame: VideoFrame, x: number, y: number): Promise<'red' | 'blue'> {
  const bytes = new Uint8Array(frame.allocationSize({ format: 'RGBA' }));
  await frame.copyTo(bytes, { format: 'RGBA' });
  const at = 4 * (y * frame.displayWidth + x);
  return bytes[at]! > bytes[at + 2]! ? 'red' : 'blue';
}

describe('pictures', () => {
  it.each(['image/png', 'image/jpeg', 'image/webp'])('%s', async (type) => {
    const frame = await openImage(await picture(type), 'a');
    expect([frame.displayWidth, frame.displayHeight]).toEqual([32, 16]);
    expect([await corner(frame, 1, 8), await corner(frame, 30, 8)]).toEqual(['red', 'blue']);
    frame.close();
  });

  it.each([
    ['as it is', avif, 32, 16],
    ['turned', turnedAvif, 16, 32],
  ] as const)('image/avif, %s', async (_, text, width, height) => {
    const frame = await openImage(avifFile(text), 'a.avif');
    expect([frame.displayWidth, frame.displayHeight]).toEqual([width, height]);
    expect([await corner(frame, 2, 2), await corner(frame, width - 3, height - 3)]).toEqual(['red', 'blue']);
    frame.close();
  });

  it.each([
    [2, 32, 16, 'blue', 'red'],
    [3, 32, 16, 'blue', 'red'],
    [4, 32, 16, 'red', 'blue'],
    [5, 16, 32, 'red', 'blue'],
    [6, 16, 32, 'red', 'blue'],
    [7, 16, 32, 'blue', 'red'],
    [8, 16, 32, 'blue', 'red'],
  ] as const)('held as EXIF %i says', async (orientation, width, height, first, last) => {
    const frame = await openImage(held(await picture('image/jpeg'), orientation), 'a.jpg');
    expect([frame.displayWidth, frame.displayHeight]).toEqual([width, height]);
    expect([await corner(frame, 2, 2), await corner(frame, width - 3, height - 3)]).toEqual([first, last]);
    frame.close();
  });

  it('of unknown kinds or damaged end in a sentence that names them', async () => {
    const broken = (await picture('image/png')).slice(0, 60);
    await expect(openImage(broken, 'b.png')).rejects.toMatchObject({
      code: 'image-damaged',
      detail: { path: 'b.png' },
    });
    const heic = new Blob([Uint8Array.from('\0\0\0\x18ftypheic\0\0\0\0', (letter) => letter.charCodeAt(0))]);
    await expect(openImage(heic, 'c.heic')).rejects.toMatchObject({ code: 'image-format', detail: { kind: 'HEIC' } });
    await expect(openImage(new Blob(['text']), 'd.jpg')).rejects.toMatchObject({ code: 'image-format' });
    await expect(openImage(new Blob([]), 'e.jpg')).rejects.toMatchObject({ code: 'image-format' });
  });

  it('that were moved since they were chosen are said to be gone', async () => {
    const root = await navigator.storage.getDirectory();
    const handle = await root.getFileHandle('moved.png', { create: true });
    const stream = await handle.createWritable();
    await stream.write(await picture('image/png'));
    await stream.close();
    const file = await handle.getFile();
    await root.removeEntry('moved.png');
    await expect(openImage(file, 'moved.png')).rejects.toMatchObject({ code: 'file-unreadable' });
  });
});
