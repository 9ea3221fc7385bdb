// Inside the browser: makes the example of a task's demo.
import { exampleFiles } from '../src/ui/judged/recordedTasks';
import { encodeVideo } from '../src/video/encodeVideo';

/** Its path, and its bytes in base64. Throws where the task has none. */
export async function makeExample(task: string): Promise<{ readonly path: string; readonly content: string }> {
  const load = exampleFiles[`../../models/${task}/example.ts`];
  if (!load) throw new Error(`${task} has no example`);
  const { path, blob } = await (await load()).example(encodeVideo);
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return { path, content: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) };
}
