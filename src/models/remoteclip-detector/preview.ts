// Scenes of the demo while it is prepared: its training pictures, of which one gives way to the next at a time.
import type { Preview } from '../../ui/player/draw';
import { pictureScene } from '../../video/pictureScene';
import { demoScene } from './demoScene';

const shown = 4;
const picturesEach = 5;
const side = 96;

export const preview: Preview = Array.from({ length: shown }, (_, place) => () => {
  const pictures: Uint8ClampedArray[] = [];
  return pictureScene({
    ...{ width: side, height: side, frames: shown * picturesEach, framesPerSecond: 2 },
    draw(turn, pixels) {
      const number = Math.floor((turn + place) / shown) % picturesEach;
      pixels.set((pictures[number] ??= demoScene(place + shown * number).pixels));
    },
  });
});
