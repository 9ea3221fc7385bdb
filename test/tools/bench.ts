// Times training steps of each task in Node: what a step costs after compiling, and how far that is from the adapter's peak.
//
//   npm run bench -- [--task NAME] [--preset NAME]... [--set key=value]... [--steps N] [--json FILE]
//                    [--kernels] [--explain]
//
// --kernels adds the time of each kind of kernel, --explain where the memory goes.
import { writeFileSync } from 'node:fs';
import type { Task } from '../../src/models/task';
import { measureGigaflops } from '../../src/engine/device/gigaflops';
import { explanationText } from '../../src/engine/passes/explain';
import { EngineTrainer } from '../../src/training/engineTrainer';
import type { Settings, SettingValue } from '../../src/training/protocol';
import type { TaskRuntime } from '../../src/training/runtime';
import { presetSettings, readSetting } from '../../src/ui/config/settingValues';
import { openDevice } from '../helpers/gpu';

const tasks = import.meta.glob<{ task: Task }>('../../src/models/*/task.ts', { eager: true });
const runtimes = import.meta.glob<{ runtime: TaskRuntime }>('../../src/models/*/runtime.ts');

interface Options {
  readonly task: string | undefined;
  readonly presets: readonly string[];
  readonly typed: Readonly<Record<string, string>>;
  readonly steps: number;
  readonly json: string | undefined;
  readonly kernels: boolean;
  readonly explain: boolean;
}

interface Measured {
  readonly task: string;
  readonly preset: string;
  readonly batch: number;
  readonly stepMilliseconds: number;
  readonly leastMilliseconds: number;
  readonly firstStepMilliseconds: number;
  readonly compileMilliseconds: number;
  readonly dispatchesPerStep: number;
  readonly pipelines: number;
  readonly plannedPeakBytes: number;
  readonly livePeakBytes: number;
  readonly gigaflopsPerStep: number;
  readonly gigaflopsPerSecond: number;
  readonly shareOfPeak: number;
}

function readOptions(args: readonly string[]): Options {
  let task: string | undefined;
  let json: string | undefined;
  let steps = 12;
  const presets: string[] = [];
  const typed: Record<string, string> = {};
  const flags = new Set(['--kernels', '--explain']);
  const valued = args.filter((arg) => !flags.has(arg));
  for (let i = 0; i < valued.length; i += 2) {
    const [name, value] = [valued[i]!, valued[i + 1]];
    if (value === undefined) throw new Error(`${name} wants a value.`);
    if (name === '--task') task = value;
    else if (name === '--preset') presets.push(value);
    else if (name === '--json') json = value;
    else if (name === '--steps') steps = Math.max(2, Number(value));
    else if (name === '--set' && value.includes('=')) typed[value.split('=')[0]!] = value.slice(value.indexOf('=') + 1);
    else throw new Error(`Unknown option ${name} ${value}.`);
  }
  return {
    task,
    presets,
    typed,
    steps,
    json,
    kernels: args.includes('--kernels'),
    explain: args.includes('--explain'),
  };
}

function settingsOf(task: Task, preset: string, typed: Readonly<Record<string, string>>): Settings {
  if (!task.presets.some(({ name }) => name === preset)) throw new Error(`${task.name} has no preset ${preset}.`);
  const changed: Record<string, SettingValue> = {};
  for (const [key, text] of Object.entries(typed)) {
    const setting = task.settings.find((candidate) => candidate.key === key);
    const reading = setting && readSetting(setting, text);
    if (!reading?.ok) throw new Error(`${task.name} does not take ${key}=${text}.`);
    changed[key] = reading.value;
  }
  return { ...presetSettings(task, preset), ...changed };
}

async function measure(
  device: GPUDevice,
  task: Task,
  runtime: TaskRuntime,
  preset: string,
  { typed, steps, kernels, explain }: Options,
  peak: number,
): Promise<Measured> {
  const settings = settingsOf(task, preset, typed);
  const data = await runtime.prepare({ kind: 'demo' }, settings, () => undefined);
  const trainer = await runtime.createTrainer(device, settings, () => undefined);
  const clips = Array.from({ length: trainer.batchSize }, (_, i) => i % data.trainClips);
  const batch = data.trainBatch(clips, () => 0.5);
  const times: number[] = [];
  for (let step = 1; step <= steps; step++) {
    const started = performance.now();
    trainer.train([batch], step, 1e-4);
    const [record] = await trainer.losses();
    times.push(performance.now() - started);
    if (record?.finite !== true) throw new Error(`${task.name} ${preset}: the loss of step ${step} is not finite`);
  }
  const [first, ...rest] = times as [number, ...number[]];
  const sorted = rest.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  const { plan, livePeakBytes, batchSize } = trainer;
  if (trainer instanceof EngineTrainer) {
    if (kernels) console.log((await kernelLines(trainer)).join('\n'));
    if (explain) console.log(explanationText(trainer.explain()).join('\n'));
  }
  trainer.dispose();
  const rate = plan.gigaflopsPerStep / (median / 1000);
  return {
    task: task.name,
    preset,
    batch: batchSize,
    stepMilliseconds: median,
    leastMilliseconds: sorted[0]!,
    firstStepMilliseconds: first,
    compileMilliseconds: plan.compileMilliseconds,
    dispatchesPerStep: plan.dispatchesPerStep,
    pipelines: plan.pipelines,
    plannedPeakBytes: plan.plannedPeakBytes,
    livePeakBytes,
    gigaflopsPerStep: plan.gigaflopsPerStep,
    gigaflopsPerSecond: rate,
    shareOfPeak: rate / peak,
  };
}

/** Kinds of kernels by their share of a step. */
async function kernelLines(trainer: EngineTrainer): Promise<string[]> {
  const kinds = new Map<string, { count: number; milliseconds: number; flops: number; bytes: number }>();
  for (const { label, milliseconds, call } of await trainer.profile()) {
    const name = `${call.entryPoint} | ${label.split(' > ').at(-1)!}`;
    const kind = kinds.get(name) ?? { count: 0, milliseconds: 0, flops: 0, bytes: 0 };
    kinds.set(name, {
      count: kind.count + 1,
      milliseconds: kind.milliseconds + milliseconds,
      flops: kind.flops + call.flops,
      bytes: kind.bytes + call.bytes,
    });
  }
  const all = [...kinds].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
  return all
    .slice(0, 30)
    .map(([name, { count, milliseconds, flops, bytes }]) =>
      [
        `${milliseconds.toFixed(2).padStart(9)} ms`,
        `${count}`.padStart(5),
        `${(flops / milliseconds / 1e6).toFixed(1).padStart(7)} GFLOP/s`,
        `${(bytes / milliseconds / 1e6).toFixed(1).padStart(6)} GB/s`,
        ` ${name}`,
      ].join(''),
    );
}

function line(row: Measured): string {
  return [
    `${row.task} ${row.preset}`.padEnd(28),
    `batch ${row.batch}`.padEnd(10),
    `step ${row.stepMilliseconds.toFixed(1)} ms (least ${row.leastMilliseconds.toFixed(1)}, first ${row.firstStepMilliseconds.toFixed(0)})`,
    `compile ${(row.compileMilliseconds / 1000).toFixed(2)} s, ${row.pipelines} pipelines`,
    `${row.dispatchesPerStep} dispatches`,
    `${(row.plannedPeakBytes / 2 ** 20).toFixed(1)} MiB planned`,
    `${row.gigaflopsPerStep.toFixed(2)} GFLOP at ${row.gigaflopsPerSecond.toFixed(2)} GFLOP/s, ${(100 * row.shareOfPeak).toFixed(0)} % of peak`,
  ].join('  ');
}

export async function main(args: readonly string[]): Promise<number> {
  const options = readOptions(args);
  const chosen = Object.entries(tasks).filter(
    ([, { task }]) => options.task === undefined || task.name === options.task,
  );
  if (chosen.length === 0) throw new Error(`There is no task ${options.task ?? ''}.`);
  const { device } = await openDevice();
  const peak = await measureGigaflops(device);
  console.log(`peak: ${peak.toFixed(1)} GFLOP/s (f32 multiply-adds, measured now)`);
  const rows: Measured[] = [];
  for (const [path, { task }] of chosen) {
    const { runtime } = await runtimes[path.replace('task.ts', 'runtime.ts')]!();
    for (const preset of options.presets.length > 0 ? options.presets : [runtime.sizeDemo(peak).preset]) {
      const row = await measure(device, task, runtime, preset, options, peak);
      rows.push(row);
      console.log(line(row));
    }
  }
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ peak, rows }, null, 2)}\n`);
  return 0;
}
