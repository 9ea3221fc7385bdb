// Times a few dispatches by themselves, on buffers of zeros made for the occasion.
import type { Call } from '../kernels/call';
import type { Tensor } from '../graph/tensor';
import { bytesOf } from '../passes/memory';
import { bind } from './bind';
import { passTimer } from './passTimer';
import type { Pipelines } from './pipelines';

/** A time shorter than this says little: it is mostly the submission. */
const LEAST_MILLISECONDS = 3;
const MOST_REPEATS = 256;
const RUNS = 3;

export interface TrialOptions {
  /** Once a trial takes longer, no further one is made. */
  readonly enough?: number;
  /** Milliseconds since some moment; by default the GPU's own timestamps count, and where there are none the time of day. */
  readonly clock?: () => number;
}

/** Milliseconds of one run of the dispatches, the least of a few trials. */
export async function timeCalls(
  device: GPUDevice,
  pipelines: Pipelines,
  calls: readonly Call[],
  half: (tensor: Tensor) => boolean,
  { enough = Infinity, clock }: TrialOptions = {},
): Promise<number> {
  const usage = GPUBufferUsage.STORAGE;
  const buffers = new Map<Tensor, GPUBuffer>();
  for (const { tensor } of calls.flatMap(({ bindings }) => bindings)) {
    if (buffers.has(tensor)) continue;
    buffers.set(tensor, device.createBuffer({ label: 'trial', size: bytesOf(tensor, half(tensor)), usage }));
  }
  const timer = clock ? null : passTimer(device);
  const now = clock ?? (() => performance.now());
  const step = device.createBuffer({ label: 'trial step', size: 16, usage: GPUBufferUsage.UNIFORM });
  try {
    const bound = calls.map((call) =>
      bind(call, (tensor) => {
        const buffer = buffers.get(tensor) as GPUBuffer;
        return { buffer, offset: 0, bytes: buffer.size };
      }),
    );
    const compiled = await pipelines.compile(bound.map(({ kernel }) => kernel));
    const bindGroups = bound.map(({ kernel, entries }, k) =>
      device.createBindGroup({
        label: 'trial',
        layout: pipelines.layout(kernel.access),
        entries: calls[k]?.usesStep ? [{ binding: 0, resource: { buffer: step } }, ...entries] : entries,
      }),
    );
    const run = async (repeats: number): Promise<number> => {
      const encoder = device.createCommandEncoder({ label: 'trial' });
      const pass = encoder.beginComputePass({
        label: 'trial',
        ...(timer && { timestampWrites: timer.timestampWrites }),
      });
      for (let repeat = 0; repeat < repeats; repeat++) {
        calls.forEach(({ workgroups }, k) => {
          pass.setPipeline(compiled[k] as GPUComputePipeline);
          pass.setBindGroup(0, bindGroups[k]);
          pass.dispatchWorkgroups(...workgroups);
        });
      }
      pass.end();
      timer?.finish(encoder);
      const started = now();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      const passed = now() - started;
      return ((await timer?.milliseconds()) ?? passed) / repeats;
    };
    // The first run may include the driver's translation.
    await run(1);
    let repeats = 1;
    let best = await run(repeats);
    for (let trial = 1; trial < RUNS && best < enough; trial++) {
      repeats = Math.min(MOST_REPEATS, Math.max(repeats, Math.ceil(LEAST_MILLISECONDS / Math.max(best, 1e-3))));
      best = Math.min(best, await run(repeats));
    }
    return best;
  } finally {
    for (const buffer of [...buffers.values(), step]) buffer.destroy();
    timer?.destroy();
  }
}
