// Scenes of the demo while it is prepared: some of its people, each in an action, as a camera that follows them sees them.
import { cameraAt } from '../../figure/camera';
import { drawBody } from '../../figure/drawSkeleton';
import { jointCount } from '../../figure/limbs';
import { seenAt } from '../../figure/paintBody';
import type { Preview } from '../../ui/player/draw';
import { recordingsOf } from './demoMotion';

const shown = ['walk', 'jump', 'wave', 'squat'];
const framesPerSecond = 8;
const [pitch, distance, middleHeight] = [0.15, 4500, 950];
/** Millimetres that a scene shows at a person's distance. */
const viewMillimetres = 2600;

export const preview: Preview = shown.map((action, person) => () => {
  const { world } = recordingsOf(person, framesPerSecond).find((recording) => recording.action === action)!;
  const step = 3 * jointCount;
  return {
    frames: world.length / step,
    framesPerSecond,
    draw: (frame) => (context, width, height, colour) => {
      const at = frame * step;
      const focal = (Math.min(width, height) * distance) / viewMillimetres;
      const lens = { fx: focal, fy: focal, cx: width / 2, cy: height / 2, width, height };
      const camera = cameraAt(0.6 + person, pitch, distance, [world[at]!, middleHeight, world[at + 2]!], lens);
      const joints = Array.from({ length: jointCount }, (_, joint) => {
        const [x, y, z] = world.subarray(at + 3 * joint, at + 3 * joint + 3);
        return seenAt(camera, x!, y!, z!);
      });
      context.clearRect(0, 0, width, height);
      drawBody(context, joints, { ghost: false, errors: null, colour });
    },
  };
});
