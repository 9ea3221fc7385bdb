// The demo as the folder that a person might drop: encoded videos and the list that says which are manipulated.
import type { DataFile } from '../../formats/dataFile';
import type { Progress } from '../../formats/progress';
import { drawnVideos, type EncodeVideo } from '../../video/drawnVideos';
import { drawDemoFrame } from './demoFrame';
import { demoVideos, type DemoOptions, type DemoVideo } from './demoVideos';

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
  const drawn = videos.map((video) => ({
    ...{ path: `demo/clips/${video.name}`, width: video.side, height: video.side },
    ...{ frames: video.frames, framesPerSecond: video.framesPerSecond },
    draw: (frame: number, pixels: Uint8ClampedArray) => drawDemoFrame(video, frame, pixels),
  }));
  const files = await drawnVideos(encode, drawn, progress);
  const labels = videos.map((video, i) => labelOf(video, files[i]!.path.slice('demo/'.length)));
  return [{ path: 'demo/labels.json', blob: new Blob([JSON.stringify(labels)]) }, ...files];
}

/** An entry of the list, as `annotations/faceList` reads it. */
function labelOf({ kind, split, person, frames, framesPerSecond }: DemoVideo, file: string): object {
  return { file, label: kind === 'real' ? 0 : 1, kind, split, person, frames, fps: framesPerSecond };
}
