// Scenes of the demo while it is prepared: people of its training videos.
import type { Preview } from '../../ui/player/draw';
import { pictureScene } from '../../video/pictureScene';
import { demoFrames } from './demoFrame';
import { demoVideos } from './demoVideos';

const shown = 4;
const frames = 48;

export const preview: Preview = demoVideos()
  .slice(0, shown)
  .map((video) => () => {
    const { side, framesPerSecond } = video;
    // Joints of further frames would be made for nothing.
    const draw = demoFrames({ ...video, frames });
    return pictureScene({ width: side, height: side, frames, framesPerSecond, draw });
  });
