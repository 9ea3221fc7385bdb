// Key points of somebody of the demo whom no training saw, as a file of plain JSON.
import { denormalisePoses } from '../../figure/projection';
import { JOINTS } from '../../figure/skeleton';
import type { DataFile } from '../../formats/dataFile';
import { videosOfAllCameras } from './poseVideos';
import { loadSequences } from './sequences';

const framesPerSecond = 30;
const seconds = 3;

export async function example(): Promise<DataFile> {
  const { sequences } = await loadSequences({ kind: 'demo' }, framesPerSecond, () => undefined);
  const walk = sequences.find(({ split, action }) => split !== 'train' && action === 'walk')!;
  const [{ width, height, input, name }] = videosOfAllCameras([walk], { sigma: 0, outliers: 0 }) as [
    ReturnType<typeof videosOfAllCameras>[number],
  ];
  const frames = seconds * framesPerSecond;
  const pixels = denormalisePoses(input.slice(0, frames * JOINTS * 3), width, height);
  const tenth = (value: number): number => Math.round(value * 10) / 10;
  const joint = (at: number) => [tenth(pixels[at]!), tenth(pixels[at + 1]!), 1];
  const points = Array.from({ length: frames }, (_, frame) =>
    Array.from({ length: JOINTS }, (_, k) => joint((frame * JOINTS + k) * 3)),
  );
  const times = Array.from({ length: frames }, (_, frame) => frame / framesPerSecond);
  return { path: `${name}.json`, blob: new Blob([JSON.stringify({ width, height, times, points })]) };
}
