// The part of `npm run isa` that runs on the fake device: plans steps and compiles each distinct kernel once.
//
//   node tools/run.mjs isa/compile OUTPUT SUBJECT...
//
// The driver prints what it made of a kernel between two markers on stderr; OUTPUT gets the steps' dispatches as JSON.
import { createHash } from 'node:crypto';
import { writeFileSync, writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { openDevice } from '../../src/engine/device/adapter';
import { normParts, normTotal, optimizerUpdate } from '../../src/engine/kernels/optimizer';
import { findPeers, workloadsOf } from '../../test/bench/peers';
import { plannedPrograms } from '../../test/bench/plannedPrograms';
import type { WorkloadsModule } from '../../test/bench/workloads';
import { openGpu } from '../../test/helpers/gpu';
import { barriersOf } from './hazards';
import { markers } from './statistics';

/** One dispatch of a step. */
export interface Dispatched {
  readonly step: string;
  readonly kernel: string;
  readonly entryPoint: string;
  readonly label: string;
  readonly workgroups: readonly number[];
  /** Invocations of a workgroup. */
  readonly invocations: number;
  /** It must wait for what runs before it: a barrier stands there. */
  readonly waits: boolean;
  /** The class of shapes and the way taken, where a kernel can be made in several. */
  readonly way: string;
}

export interface Compiled {
  readonly driver: string;
  readonly dispatches: readonly Dispatched[];
  /** Messages of kernels that did not compile, by kernel. */
  readonly errors: Readonly<Record<string, string>>;
}

export async function main([output, ...subjects]: readonly string[]): Promise<number> {
  if (output === undefined) throw new Error('No file to write to.');
  const { device, report } = await openDevice((await openGpu()).gpu);
  const peers = findPeers();
  const workloads =
    peers === undefined
      ? null
      : ((await import(/* @vite-ignore */ pathToFileURL(workloadsOf(peers)).href)) as WorkloadsModule);
  const compile = new Compiler(device);
  const dispatches: Dispatched[] = [];
  for (const subject of subjects) {
    if (subject === 'optimizer') {
      for (const [entryPoint, source] of optimizer) {
        const kernel = await compile.kernel(source, entryPoint);
        dispatches.push({
          step: subject,
          kernel,
          entryPoint,
          label: entryPoint,
          workgroups: [1, 1, 1],
          invocations: invocationsOf(source),
          waits: dispatches.at(-1)?.step === subject,
          way: '',
        });
      }
      continue;
    }
    for (const program of await plannedPrograms(subject, device, workloads)) {
      const task = subject.startsWith('task:');
      const { spec, calls } = program;
      const barriers = barriersOf(program);
      for (const [at, { source, entryPoint, label, workgroups, choice }] of calls.entries()) {
        const kernel = await compile.kernel(source, entryPoint);
        const way = choice ? `${choice.key}: ${choice.taken}` : '';
        const step = task ? `${subject} ${spec.name}` : subject;
        const invocations = invocationsOf(source);
        dispatches.push({ step, kernel, entryPoint, label, workgroups, invocations, waits: barriers[at]!, way });
      }
    }
  }
  const compiled: Compiled = { driver: report.description, dispatches, errors: Object.fromEntries(compile.errors) };
  writeFileSync(output, JSON.stringify(compiled));
  return 0;
}

function invocationsOf(source: string): number {
  const sizes = /@workgroup_size\(([\d, ]+)\)/.exec(source)?.[1] ?? '1';
  return sizes.split(',').reduce((product, size) => product * Number(size), 1);
}

const optimizer: readonly (readonly [string, string])[] = [
  ['gradient_norm_parts', normParts],
  ['gradient_norm', normTotal],
  ['optimizer_update', optimizerUpdate({ name: 'AdamW', betas: [0.9, 0.999], epsilon: 1e-8 }, false)],
];

/** Compiles one kernel after the other, each once: the driver's output tells them apart by nothing else. */
class Compiler {
  readonly errors = new Map<string, string>();
  readonly #device: GPUDevice;
  readonly #known = new Set<string>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Name of the kernel: a hash of its text. */
  async kernel(source: string, entryPoint: string): Promise<string> {
    const key = createHash('sha256').update(source).digest('hex').slice(0, 10);
    if (this.#known.has(key)) return key;
    this.#known.add(key);
    const { begin, end } = markers(key);
    writeSync(2, begin);
    try {
      const module = this.#device.createShaderModule({ code: source });
      await this.#device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint } });
    } catch (error) {
      this.errors.set(key, String(error));
    }
    writeSync(2, end);
    return key;
  }
}
