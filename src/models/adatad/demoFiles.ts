// The demo as the folder that a person might drop: encoded videos and the labels that say what happens when.
import type { DataFile } from '../../formats/dataFile';
import type { Progress } from '../../formats/progress';
import { drawnVideos, type EncodeVideo } from '../../video/drawnVideos';
import { labelsJson } from '../../annotations/segmentLabels';
import { demoFrames } from './demoFrame';
import { demoVideos, type DemoOptions } from './demoVideos';

/**
 * Draws and encodes all videos of the demo, one after the other, and lists their actions in `annotations.json`.
 * Passes on what `encode` and `progress` throw.
 */
export async function demoFiles(
  encode: EncodeVideo,
  progress: Progress,
  options: Partial<DemoOptions> = {},
): Promise<DataFile[]> {
  const videos = demoVideos(options);
  const drawn = videos.map((video) => {
    const { name, side, frames, framesPerSecond } = video;
    let draw: ReturnType<typeof demoFrames> | null = null;
    return {
      ...{ path: `demo/${name}`, width: side, height: side, frames, framesPerSecond },
      // Made when its turn comes: a scene holds the joints and cameras of all its frames.
      draw: (frame: number, pixels: Uint8ClampedArray) => (draw ??= demoFrames(video))(frame, pixels),
    };
  });
  const files = await drawnVideos(encode, drawn, progress);
  const labels = labelsJson(
    new Map(
      videos.map(({ name, split, frames, framesPerSecond, actions }) => [
        name,
        {
          subset: split === 'train' ? 'training' : 'validation',
          ...{ durationSeconds: frames / framesPerSecond, frames, actions },
        },
      ]),
    ),
  );
  return [{ path: 'demo/annotations.json', blob: new Blob([labels]) }, ...files];
}
