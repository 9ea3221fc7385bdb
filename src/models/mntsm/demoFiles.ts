// The demo as the folder that a person might drop: encoded videos and the list that says which are manipulated.
import type { DataFile } from '../../training/protocol';
import type { Progress } from '../../training/runtime';
import { drawDemoFrame } from './demoFrame';
import { demoVideos, type DemoOptions, type DemoVideo } from './demoVideos';

type Pixels = Uint8ClampedArray<ArrayBuffer>;

/** Writes a video of frames of red, green, blue and 255, row by row; `encodeVideo` in the page. */
export type EncodeVideo = (video: {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly frames: Iterable<Pixels>;
}) => Promise<Blob>;

/**
 * Draws and encodes all videos of the demo, one after the other, and lists them as `labels.json`.
 * Passes on what `encode` and `progress` throw.
 */
export async function demoFiles(
  encode: EncodeVideo,
  progress: Progress,
  options: Partial<DemoOptions> = {},
): Promise<DataFile[]> {
  const videos = demoVideos(options);
  const files: DataFile[] = [];
  for (const [i, video] of videos.entries()) {
    progress('demo videos', i, videos.length);
    const { side, framesPerSecond } = video;
    const blob = await encode({ width: side, height: side, framesPerSecond, frames: framesOf(video) });
    files.push({ path: `demo/clips/${video.name}.${extensionOf(blob)}`, blob });
  }
  progress('demo videos', videos.length, videos.length);
  const labels = videos.map((video, i) => labelOf(video, files[i]!.path.slice('demo/'.length)));
  return [{ path: 'demo/labels.json', blob: new Blob([JSON.stringify(labels)]) }, ...files];
}

/** Each frame has memory of its own: an encoder may still read it when the next one is drawn. */
function* framesOf(video: DemoVideo): Generator<Pixels> {
  for (let frame = 0; frame < video.frames; frame++) {
    const pixels = new Uint8ClampedArray(video.side * video.side * 4);
    drawDemoFrame(video, frame, pixels);
    yield pixels;
  }
}

function extensionOf({ type }: Blob): 'mp4' | 'webm' {
  return type.startsWith('video/webm') ? 'webm' : 'mp4';
}

/** An entry of the list, as `annotations/faceList` reads it. */
function labelOf({ kind, split, person, frames, framesPerSecond }: DemoVideo, file: string): object {
  return { file, label: kind === 'real' ? 0 : 1, kind, split, person, frames, fps: framesPerSecond };
}
