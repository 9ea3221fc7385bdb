// Measures one row, or the adapter, wherever this runs: a process of Node or a worker of the page.
import { measureBandwidth } from '../../src/engine/device/bandwidth';
import { openDevice } from '../../src/engine/device/adapter';
import { measureGigaflops } from '../../src/engine/device/gigaflops';
import { explanationText } from '../../src/engine/passes/explain';
import { Tuning } from '../../src/engine/device/tuning';
import { setup as ours, shippedTuning } from './adapter';
import { watchGpu } from './counters';
import type { Engine } from './engine';
import { kernelLines } from './kernelTable';
import { measure } from './measure';
import { ownWorkloads } from './ownWorkloads';
import type { AdapterFigures, Answer, Request, RowAnswer, RowRequest } from './protocol';
import { taskStep } from './taskStep';
import type { Workload, WorkloadsModule } from './workloads';

interface PeerModule {
  readonly setup: (device: GPUDevice, workload: Workload) => Promise<Engine>;
}

/** Answers one request; `navigator.gpu` must be there. What goes wrong in a row is the row's reason. */
export function answer(request: Request): Promise<Answer> {
  return request.kind === 'adapter' ? adapterFigures() : rowAnswer(request);
}

async function adapterFigures(): Promise<AdapterFigures> {
  const { device, report } = await openDevice();
  let gigaflops = 0;
  // A peak is the best of some tries: others use the machine, and one try takes a few tens of milliseconds.
  for (let k = 0; k < 5; k++) gigaflops = Math.max(gigaflops, await measureGigaflops(device));
  const gigabytes = await measureBandwidth(device);
  const { vendor, architecture, description, software } = report;
  return { description: description || `${vendor} ${architecture}`, software, gigaflops, gigabytes };
}

async function rowAnswer(request: RowRequest): Promise<RowAnswer> {
  const { subject } = request;
  const watch = watchGpu();
  let title = subject.name;
  try {
    const { device } = await openDevice();
    if (subject.kind === 'workload' && subject.name.endsWith('-f16') && !device.features.has('shader-f16')) {
      return { subject: title, reason: 'this adapter has no shader-f16', lacking: true, details: [] };
    }
    const trials: string[] = [];
    const prepared = await prepare(device, request, await tuningOf(device, request, trials));
    title = prepared.title;
    const { figures, engine } = await measure(prepared.setup, watch, request);
    if (watch.errors.length > 0) throw new Error('errors of the device');
    const details = [
      ...trials,
      ...(request.kernels && engine.compiled ? await kernelLines(engine.compiled) : []),
      ...(request.explain && engine.compiled ? explanationText(engine.compiled.explain()) : []),
    ];
    await engine.dispose();
    return { subject: title, figures, details };
  } catch (error) {
    // What the device reported comes first: what was thrown may only follow from it.
    const text = watch.errors[0] ?? (error instanceof Error ? error.message : String(error));
    return { subject: title, reason: text.split('\n')[0]!.slice(0, 300), details: [] };
  }
}

/** Trials without a time limit, which become lines, where they are asked for; else what the page knows. */
async function tuningOf(device: GPUDevice, { kernelsBy }: RowRequest, lines: string[]): Promise<Tuning> {
  if (kernelsBy === 'shipped') return shippedTuning(device);
  const onLearnt = (key: string, times: ReadonlyMap<string, number>, taken: string): void => {
    const all = [...times].map(([way, milliseconds]) => `${way} ${milliseconds.toFixed(2)}`).join(', ');
    lines.push(`${taken === [...times.keys()][0] ? 'guessed well' : 'better than guessed'}: ${taken}; ${key}: ${all}`);
  };
  return Tuning.open({ adapter: 'bench', measure: kernelsBy === 'trial', seconds: Infinity, onLearnt });
}

/** Loads data and code; the setup that is left is what an engine is timed for. */
async function prepare(
  device: GPUDevice,
  { subject, workloads, peer, gigaflops }: RowRequest,
  tuning: Tuning,
): Promise<{ title: string; setup: () => Promise<Engine> }> {
  if (subject.kind === 'task') return taskStep(device, subject, gigaflops, tuning);
  const { name, scale, set } = subject;
  const own = ownWorkloads.get(name);
  const workload = own
    ? own.make(scale, set)
    : (await load<WorkloadsModule>(workloads!)).makeWorkload(name, scale, set);
  if (peer === undefined) return { title: name, setup: () => ours(device, workload, tuning) };
  const { setup } = await load<PeerModule>(peer);
  return { title: name, setup: () => setup(device, workload) };
}

/** An address that only the caller knows; no bundler can follow it. */
async function load<T>(address: string): Promise<T> {
  return (await import(/* @vite-ignore */ address)) as T;
}
