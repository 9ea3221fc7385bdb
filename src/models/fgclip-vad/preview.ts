// Scenes of the demo while it is prepared: an ordinary square of its training videos, and one with each of its things.
import type { Preview } from '../../ui/player/draw';
import { pictureScene } from '../../video/pictureScene';
import { drawSquare } from './demoScene';
import { demoThings, demoVideos } from './demoVideos';

const videos = demoVideos();

export const preview: Preview = [undefined, ...demoThings].map((thing) => () => {
  const { scene, place, side, frames, framesPerSecond } = videos.find((video) => video.place?.thing === thing)!;
  return pictureScene({
    ...{ width: side, height: side, frames, framesPerSecond },
    draw: (frame, pixels) => drawSquare(scene, place, { frame, seconds: frame / framesPerSecond, side }, pixels),
  });
});
