// The demo as the folder that a person might drop: encoded videos and the list that says which are manipulated.
import type { DataFile } from '../../formats/dataFile';
import type { Progress } from '../../formats/progress';
import type { EncodeOptions } from '../../video/encodeVideo';
import { drawDemoFrame } from './demoFrame';
import { demoVideos, type DemoOptions, type DemoVideo } from './demoVideos';

/** As video/encodeVideo. */
export type EncodeVideo = (options: EncodeOptions) => Promise<Blob>;

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
    const blob = await encode({ width: side, height: side, framesPerSecond, frames: drawnFrames(video) });
    files.push({ path: `demo/clips/${video.name}.${extensionOf(blob)}`, blob });
  }
  progress('demo videos', videos.length, videos.length);
  const labels = videos.map((video, i) => labelOf(video, files[i]!.path.slice('demo/'.length)));
  return [{ path: 'demo/labels.json', blob: new Blob([JSON.stringify(labels)]) }, ...files];
}

/** The frames one after the other, in the same array. */
function* drawnFrames(video: DemoVideo): Generator<Uint8ClampedArray<ArrayBuffer>> {
  const pixels = new Uint8ClampedArray(4 * video.side * video.side);
  for (let frame = 0; frame < video.frames; frame++) {
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
