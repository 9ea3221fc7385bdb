// The demo as the folder that a person might drop: pictures, a VOC file beside each, and lists of the two parts.
import { vocXml } from '../../annotations/writeBoxes';
import type { DataFile } from '../../formats/dataFile';
import type { Progress } from '../../formats/progress';
import { demoScene, type DemoScene } from './demoScene';

/** Scenes to train on, as many as the published run had, and scenes to judge by. */
export const demoCounts = { train: 70, val: 30 } as const;

/** Makes a file of a picture. */
export type EncodePicture = (scene: DemoScene) => Promise<Blob>;

/** By the browser, without loss. */
export async function encodePng({ side, pixels }: DemoScene): Promise<Blob> {
  const canvas = new OffscreenCanvas(side, side);
  canvas.getContext('2d')!.putImageData(new ImageData(pixels, side, side), 0, 0);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** Draws and encodes all scenes of the demo. Passes on what `encode` and `progress` throw. */
export async function demoFiles(encode: EncodePicture, progress: Progress): Promise<DataFile[]> {
  const total = demoCounts.train + demoCounts.val;
  const files: DataFile[] = [];
  const lists = { train: '', val: '' };
  for (let seed = 0; seed < total; seed++) {
    progress('demo pictures', seed, total);
    const scene = demoScene(seed);
    const stem = `scene_${String(seed).padStart(3, '0')}`;
    lists[seed < demoCounts.train ? 'train' : 'val'] += `${stem}\n`;
    files.push(
      { path: `demo/images/${stem}.png`, blob: await encode(scene) },
      {
        path: `demo/annotations/${stem}.xml`,
        blob: new Blob([vocXml({ path: `${stem}.png`, width: scene.side, height: scene.side, boxes: scene.boxes })]),
      },
    );
  }
  progress('demo pictures', total, total);
  for (const [name, text] of Object.entries(lists))
    files.push({ path: `demo/splits/${name}.txt`, blob: new Blob([text]) });
  return files;
}
