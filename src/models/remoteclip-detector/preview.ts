// Scenes of the demo while it is prepared: its training pictures, one after the other.
import type { Preview } from '../../ui/player/draw';
import { pictureScene } from '../../video/pictureScene';
import { demoScene } from './demoScene';

const shown = 4;
const picturesEach = 5;
const side = 96;

export const preview: Preview = Array.from(
  { length: shown },
  (_, place) => () =>
    pictureScene({
      ...{ width: side, height: side, frames: picturesEach, framesPerSecond: 0.5 },
      draw: (turn, pixels) => pixels.set(demoScene(place + shown * turn).pixels),
    }),
);
