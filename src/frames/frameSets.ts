// What tells the kept frames of a video from those of another one: its files, and what of the pictures is kept.
import type { DataFile } from '../formats/dataFile';
import { fileName } from '../formats/filePaths';
import type { VideoFacts } from '../video/videoFile';
import { keptSize, withMargin, type Crops, type KeptLook } from './crops';
import type { FrameSet } from './keptFrames';

/** Bytes at each end of a file that tell it from another of the same name, size and date. */
const FINGERPRINT_BYTES = 65536;

/** All frames of a video that lies in these files, of the parts of its pictures that a look is made of. */
export async function frameSet(
  { files, facts, crop }: { readonly files: readonly DataFile[]; readonly facts: VideoFacts; readonly crop: Crops },
  look: KeptLook,
): Promise<FrameSet> {
  const { path, times, orientation } = facts;
  const described = describe(files);
  const key = {
    file: {
      name: fileName(path),
      size: described.reduce((sum, [, size]) => sum + size, 0),
      lastModified: described.reduce((latest, [, , change]) => Math.max(latest, change), 0),
    },
    ...keptSize(look),
    recipe: JSON.stringify([
      'antialiased',
      withMargin(crop, look),
      orientation,
      await fingerprint(files, JSON.stringify(described)),
    ]),
  };
  return { key, frames: times.length, lasting: files.every(({ blob }) => blob instanceof File) };
}

/** What tells files from others: names, sizes, times of change. */
export function describe(files: readonly DataFile[]) {
  return files.map(({ path, blob }) => [fileName(path), blob.size, changeOf(blob)] as const);
}

function changeOf(blob: Blob): number {
  return blob instanceof File ? blob.lastModified : 0;
}

/** Of the files' description, the beginning of the first and the end of the last. */
async function fingerprint(files: readonly DataFile[], described: string): Promise<string> {
  const [first, last] = [files[0]!.blob, files.at(-1)!.blob];
  const ends = new Blob([described, first.slice(0, FINGERPRINT_BYTES), last.slice(-FINGERPRINT_BYTES)]);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await ends.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
