// Videos as far as Node knows them: opened and looked into by the page's own code, but not decoded, for Node has no decoder.
import { Bug, UserError } from '../src/errors';
import type { OpenVideo, VideoStore } from '../src/frames/videoStore';
import { openImage } from '../src/video/images';
import type { VideoFacts } from '../src/video/videoFile';
import { VideoFile } from '../src/video/videoFile';

/** A store that opens what a check opens. */
export function nodeVideos(): VideoStore {
  const opened: VideoFile[] = [];
  const stored = (facts: VideoFacts, crop: OpenVideo['crop']): OpenVideo => {
    return {
      facts,
      source: facts.path,
      times: facts.times,
      crop,
      still: () => Promise.reject(new Bug(undecoded)),
      frames: never,
    };
  };
  return {
    async open({ path, blob }, crop) {
      const video = await VideoFile.open(blob, path);
      opened.push(video);
      return stored(video.facts, crop(video.facts));
    },
    async openPictures({ path, pictures, framesPerSecond }, crop) {
      const first = pictures[0]!;
      const size = pictureSize(new Uint8Array(await first.blob.slice(0, 2 ** 18).arrayBuffer()));
      // What cannot even be recognised the page's own reader has the sentence for.
      if (!size) throw await refusal(first.blob, first.path);
      const facts: VideoFacts = {
        ...{ path, container: 'pictures', codec: '', track: 1, tracks: 1, notices: [], ...size },
        ...{ codedWidth: size.width, codedHeight: size.height, pixelAspect: 1 },
        orientation: { rotation: 0, mirrored: false },
        colour: { matrix: 'bt601', fullRange: true },
        times: Float64Array.from(pictures, (_, i) => i / framesPerSecond),
        durationSeconds: pictures.length / framesPerSecond,
      };
      return stored(facts, crop(facts));
    },
    cropped: (video, crops) => stored(video.facts, crops),
    keep: () => Promise.reject(new Bug(undecoded)),
    input: never,
    close: () => undefined,
    dispose: () => opened.forEach((video) => video[Symbol.dispose]()),
  };
}

const undecoded = 'a check decodes nothing in Node';

function never(): never {
  throw new Bug(undecoded);
}

async function refusal(blob: Blob, path: string): Promise<UserError> {
  try {
    await openImage(blob, path);
  } catch (error) {
    if (error instanceof UserError) return error;
  }
  return new UserError('image-damaged', `The picture is damaged or cut off; copy it again (${path})`, {
    path,
    kind: '',
  });
}

/** Width and height by the header of a PNG, JPEG, WebP, BMP or GIF. */
function pictureSize(bytes: Uint8Array): { width: number; height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = String.fromCharCode(...bytes.subarray(0, 16));
  if (bytes.length < 26) return null;
  if (text.startsWith('\x89PNG')) return { width: view.getUint32(16), height: view.getUint32(20) };
  if (text.startsWith('GIF8')) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  if (text.startsWith('BM')) return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
  if (text.startsWith('RIFF') && text.endsWith('VP8X'))
    return { width: 1 + (view.getUint32(24, true) & 0xffffff), height: 1 + (view.getUint32(26, true) >>> 8) };
  if (text.startsWith('RIFF') && text.endsWith('VP8 ') && bytes.length >= 30)
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (!text.startsWith('\xff\xd8')) return null;
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1]!;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
  }
  return null;
}
