// One manipulated video of the demo that no training saw.
import type { DataFile } from '../../formats/dataFile';
import { drawnVideos, type EncodeVideo } from '../../video/drawnVideos';
import { drawnDemo } from './demoFiles';
import { demoVideos } from './demoVideos';

/** Passes on what `encode` throws. */
export async function example(encode: EncodeVideo): Promise<DataFile> {
  const video = demoVideos().find(({ split, kind }) => split === 'val' && kind === 'swap')!;
  const [file] = await drawnVideos(encode, [drawnDemo(video)], () => undefined);
  return file!;
}
