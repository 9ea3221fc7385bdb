// Scenes of the demo while it is prepared: faces of its training videos, as filmed and manipulated.
import type { Preview } from '../../ui/player/draw';
import { pictureScene } from '../../video/pictureScene';
import { drawDemoFrame } from './demoFrame';
import { demoVideos } from './demoVideos';

const shown = ['person01_1_real', 'person01_1_swap', 'person02_1_real', 'person02_1_blend'];
/** Faces take long to draw. */
const every = 2;

export const preview: Preview = demoVideos()
  .filter(({ name }) => shown.includes(name))
  .map((video) => () => {
    const { side, framesPerSecond } = video;
    return pictureScene({
      ...{ width: side, height: side, framesPerSecond: framesPerSecond / every },
      frames: Math.floor(video.frames / every),
      draw: (frame, pixels) => drawDemoFrame(video, frame * every, pixels),
    });
  });
