// Test-time flip: the mean of a clip's poses and those of its mirror image, mirrored back.
import { flipPoses } from '../../../src/figure/skeleton';
import type { GoldenResult } from '../../helpers/golden';
import { traceEvaluation, type GoldenModel } from '../model';

/** Nothing where the file holds no such output. */
export async function* flipCases(model: GoldenModel, device: GPUDevice): AsyncIterable<GoldenResult> {
  const name = 'output.eval_flip_tta';
  if (!model.recording.has(name)) return;
  const traced = await traceEvaluation(device, model);
  const { dim_in: channels } = model.recording.json<{ dim_in: number }>('config');
  const poses = async (pose2d: Float32Array<ArrayBuffer>): Promise<Float32Array> => {
    traced.run({ pose2d });
    return await traced.read('output');
  };
  const { pose2d } = model.batch(0);
  const [plain, mirrored] = [await poses(pose2d!), flipPoses(await poses(flipPoses(pose2d!, channels)), 3)];
  traced.dispose();
  const mean = plain.map((value, i) => (value + mirrored[i]!) / 2);
  for (const result of model.judge(name, mean, [])) yield { ...result, name: 'test-time flip' };
}
