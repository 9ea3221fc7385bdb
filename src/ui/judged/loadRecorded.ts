// A recorded result of a task's demo, with the video it is about drawn and encoded anew; loaded when it is asked for.
import type { JudgedResult } from '../../training/judging/judgedResult';
import { encodeVideo } from '../../video/encodeVideo';
import { exampleFiles, recordedFiles } from './recordedTasks';

/** The video is null where the demo has none. Throws UserError `video-not-encodable` where the browser writes none. */
export async function loadRecorded(task: string): Promise<{ result: JudgedResult; video: Blob | null }> {
  const [result, { example }] = await Promise.all([
    recordedFiles[`../../models/${task}/recorded.json`]!(),
    exampleFiles[`../../models/${task}/example.ts`]!(),
  ]);
  const { blob } = await example(encodeVideo);
  return { result, video: blob.type.startsWith('video/') ? blob : null };
}
