// The demo as the folder that a person might drop: encoded videos, and captions with boxes in FG-CLIP's format.
import type { DataFile } from '../../formats/dataFile';
import type { Progress } from '../../formats/progress';
import { drawnVideos, type EncodeVideo } from '../../video/drawnVideos';
import { drawSquare, thingBox, type DemoThing } from './demoScene';
import { demoVideos, type DemoOptions, type DemoVideo } from './demoVideos';

/**
 * Draws and encodes all videos of the demo, one after the other, and describes them in `captions.json`.
 * Passes on what `encode` and `progress` throw.
 */
export async function demoFiles(
  encode: EncodeVideo,
  progress: Progress,
  options: Partial<DemoOptions> = {},
): Promise<DataFile[]> {
  const videos = demoVideos(options);
  const drawn = videos.map(({ name, scene, place, side, frames, framesPerSecond }) => ({
    ...{ path: `demo/videos/${name}`, width: side, height: side, frames, framesPerSecond },
    draw: (frame: number, pixels: Uint8ClampedArray) =>
      drawSquare(scene, place, { frame, seconds: frame / framesPerSecond, side }, pixels),
  }));
  const files = await drawnVideos(encode, drawn, progress);
  const captions = videos.map((video, i) => captionsOf(video, files[i]!.path.slice('demo/'.length)));
  return [{ path: 'demo/captions.json', blob: new Blob([JSON.stringify(captions)]) }, ...files];
}

const quietCaption = 'people walk across a square';

/** Of the region and of the whole video. */
const demoCaptions: Readonly<Record<DemoThing, readonly [region: string, global: string]>> = {
  Cart: ['a cart', 'people walk across a square and a cart is pushed past them'],
  Cyclist: ['a cyclist', 'people walk across a square and a cyclist rides past them'],
  Lying: ['somebody lying', 'people walk across a square where somebody lies on the ground'],
};

/** What is said of the demo's videos, each text at least once. */
export const demoTexts = [
  { caption: quietCaption, regions: [] },
  ...Object.values(demoCaptions).map(([caption, global]) => ({ caption: global, regions: [{ caption }] })),
];

/** An entry as `annotations/captionedVideos` reads it. */
function captionsOf({ split, place }: DemoVideo, path: string): object {
  if (!place) return { f_path: path, split, global_caption: quietCaption, bbox_info: [] };
  const [caption, global] = demoCaptions[place.thing];
  const { start, end } = place;
  const keyframes = Array.from({ length: end - start }, (_, k) => ({
    frame: start + k,
    bbox: thingBox(place, start + k),
  }));
  return {
    ...{ f_path: path, split, global_caption: global },
    bbox_info: [{ caption, start_frame: start, end_frame: end - 1, keyframes }],
  };
}
