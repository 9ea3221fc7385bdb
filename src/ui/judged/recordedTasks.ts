// Which tasks have a recorded result of their demo, and where it is: the demo's file itself is made when it is shown.
import type { DataFile } from '../../formats/dataFile';
import type { JudgedResult } from '../../training/judging/judgedResult';
import type { EncodeVideo } from '../../video/drawnVideos';

export const recordedFiles = import.meta.glob<JudgedResult>('../../models/*/recorded.json', { import: 'default' });
export const exampleFiles = import.meta.glob<{ example: (encode: EncodeVideo) => Promise<DataFile> }>(
  '../../models/*/example.ts',
);

/** By name. */
export const recordedTasks: readonly string[] = Object.keys(recordedFiles).map((path) => path.split('/').at(-2)!);
