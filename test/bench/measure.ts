// Times one engine's steps, counts what they do with WebGPU and asks our compiler what it knows of them.
import { UserError } from '../../src/errors';
import type { Watch } from './counters';
import type { Engine } from './engine';
import type { Figures, RowRequest } from './protocol';

const LEAST_STEPS = 3;
const MOST_STEPS = 50;

/** Sets up and runs an engine; it is left as it is after the last step. Throws where a loss is not finite. */
export async function measure(
  setup: () => Promise<Engine>,
  { counts, drain }: Watch,
  { steps, budgetSeconds }: Pick<RowRequest, 'steps' | 'budgetSeconds'>,
): Promise<{ figures: Figures; engine: Engine }> {
  const before = { ...counts };
  counts.peakBytes = counts.liveBytes;
  const started = performance.now();
  const engine = await setup();
  await drain();
  const opening = counts.openingMilliseconds - before.openingMilliseconds;
  const setupMilliseconds = performance.now() - started - opening;

  const losses: number[] = [];
  const step = async (): Promise<number> => {
    const begun = performance.now();
    const loss = await engine.step();
    await drain();
    const milliseconds = performance.now() - begun;
    if (typeof loss === 'number') losses.push(loss);
    if (losses.some((one) => !Number.isFinite(one))) throw new Error(`the loss of step ${losses.length} is not finite`);
    return milliseconds;
  };
  const first = await step();
  const pipelines = counts.pipelines - before.pipelines;
  // Engines that pool what they made settle in the second step.
  await step();
  const warm = { ...counts };
  const times: number[] = [];
  const until = performance.now() + budgetSeconds * 1000;
  const wanted = (): boolean =>
    steps === undefined
      ? times.length < LEAST_STEPS || (times.length < MOST_STEPS && performance.now() < until)
      : times.length < steps;
  while (wanted()) times.push(await step());
  const end = { ...counts };
  times.sort((a, b) => a - b);
  const each = (now: number, then: number): number => (now - then) / times.length;

  const figures: Figures = {
    steps: times.length,
    medianMilliseconds: times[times.length >> 1]!,
    leastMilliseconds: times[0]!,
    firstMilliseconds: setupMilliseconds + first,
    setupMilliseconds,
    pipelines,
    dispatches: each(end.dispatches, warm.dispatches),
    submissions: each(end.submissions, warm.submissions),
    newBuffers: each(end.buffers, warm.buffers),
    newBindGroups: each(end.bindGroups, warm.bindGroups),
    grownBytes: each(end.liveBytes, warm.liveBytes),
    peakBytes: end.peakBytes - before.liveBytes,
    ...(engine.compiled && { plannedBytes: engine.compiled.plannedBytes, flops: engine.compiled.flops }),
    check: await checkOf(engine, losses),
  };
  const bytes = await bytesOf(engine);
  return { figures: bytes === undefined ? figures : { ...figures, bytes }, engine };
}

async function checkOf(engine: Engine, losses: readonly number[]): Promise<number[]> {
  if (losses.length > 0) return [losses[0]!, losses[3]!];
  return engine.probe ? [await engine.probe()] : [];
}

/** What the kernels of a step move, as the compiler counts; it is told along with their times. */
async function bytesOf({ compiled }: Engine): Promise<number | undefined> {
  try {
    const kernels = await compiled?.profile();
    return kernels?.reduce((sum, { call }) => sum + call.bytes, 0);
  } catch (error) {
    if (error instanceof UserError && error.code === 'no-timestamps') return undefined;
    throw error;
  }
}
