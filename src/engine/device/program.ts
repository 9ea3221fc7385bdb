// A compiled program: planned once, then replayed step after step without making an object on the GPU.
import { Bug, UserError, invariant } from '../../errors';
import { narrowHalf } from '../../formats/halfFloat';
import type { HostValues } from '../graph/host';
import type { Call } from '../kernels/call';
import {
  constantData,
  dispatchesOf,
  turnsOf,
  type PlannedHost,
  type PlannedLoop,
  type PlannedProgram,
} from '../passes/plan';
import { neededFor, type Needed } from '../passes/neededFor';
import { bind, type BoundCall, type Location } from './bind';
import type { Buffers } from './buffers';
import { knownGigaflops } from './gigaflops';
import { hostBytes, HostStages } from './hostStages';
import { locator, type Locate, type TensorMemory } from './locate';
import type { PagedBuffer } from './pagedBuffer';
import type { ParameterStore } from './parameterStore';
import type { Pipelines } from './pipelines';
import type { MadeKernel } from './firstRuns';
import { timeDispatches, type KernelTime } from './profile';
import { Recorder, type Dispatch } from './recorder';

/** Buffers that a program reads and writes but does not own. */
export interface ProgramMemory {
  readonly buffers: Buffers;
  readonly pipelines: Pipelines;
  readonly arenas: readonly GPUBuffer[];
  readonly parameters: ParameterStore;
  /** Gradients in the layout of the trained parameters; null for programs without. */
  readonly gradients: PagedBuffer | null;
}

/** What is special about one run. */
export interface Run {
  /** Records into the first command buffer before the run: inputs that lie on the GPU. */
  readonly start?: (encoder: GPUCommandEncoder) => void;
  /** Records into the last one after it: optimiser, copies. */
  readonly finish?: (encoder: GPUCommandEncoder) => void;
  /** Where piece number `piece` of a stream lies. */
  readonly piece?: (stream: string, piece: number) => Location;
  /** What host stages see of the batch. */
  readonly batch?: HostValues;
}

/** A turn of a loop sees its own step uniforms, so that each piece draws its own random numbers. */
const STEP_STRIDE = 256;
const STEP_BYTES = 16;

/** Bytes of the buffers that a program makes for itself. */
export function ownBytes(plan: PlannedProgram): number {
  return Math.max(16, plan.inputBytes) + Math.max(16, plan.constantBytes) + stepBytes(plan) + hostBytes(plan.hosts);
}

/** Without random numbers in loops one place serves all turns. */
function stepBytes({ calls, loops }: PlannedProgram): number {
  const turns = turnsOf(loops);
  const most = calls.reduce((most, { usesStep }, at) => Math.max(most, usesStep ? turns(at) : 1), 1);
  return (most - 1) * STEP_STRIDE + STEP_BYTES;
}

/** Share of a run's time, roughly and in no unit. */
const costOf = ({ flops, bytes }: Call): number => flops / 10 + bytes / 4 + 1000;

/** What one submission may take on where nothing was measured: a tenth of a second on a slow integrated GPU. */
const FIRST_SUBMISSION_FLOPS = 1e10;
/** A step reaches at least this share of what the device multiplies and adds in registers. */
const REACHED = 0.2;
const MOST_SUBMISSIONS = 64;

/**
 * Command buffers of a first run, each of which should take no more than a tenth of a second, from its counted FLOPs
 * and the device's measured rate in GFLOP/s, if there is one.
 */
export function firstSubmissions(flops: number, gigaflops: number | undefined): number {
  const each = gigaflops === undefined ? FIRST_SUBMISSION_FLOPS : gigaflops * 1e9 * REACHED * 0.1;
  return Math.min(MOST_SUBMISSIONS, Math.max(1, Math.ceil(flops / each)));
}

export class Program {
  readonly plan: PlannedProgram;
  readonly #memory: ProgramMemory;
  readonly #prepared: readonly BoundCall[];
  /** Of those calls whose kernels are made. */
  readonly #dispatches: (Dispatch | undefined)[];
  readonly #inputs: GPUBuffer;
  readonly #step: GPUBuffer;
  readonly #stepData: Uint32Array<ArrayBuffer>;
  readonly #locate: Locate;
  readonly #host: HostStages;
  /** Command buffers per run; follows the measured time so that none holds the GPU for long. */
  submissions: number;
  /** Command buffers of the last run. */
  submitted = 0;

  /** Makes every buffer that runs will need; `make` has to come before a run. */
  constructor(plan: PlannedProgram, memory: ProgramMemory) {
    const { buffers } = memory;
    const { name } = plan.spec;
    const { STORAGE, COPY_DST, COPY_SRC, UNIFORM } = GPUBufferUsage;
    this.plan = plan;
    this.#memory = memory;
    this.#inputs = buffers.create(`${name} inputs`, plan.inputBytes, STORAGE | COPY_DST | COPY_SRC);
    const constants = buffers.create(`${name} constants`, plan.constantBytes, STORAGE | COPY_DST);
    this.#step = buffers.create(`${name} step`, stepBytes(plan), UNIFORM | COPY_DST);
    for (const [tensor, offset] of plan.constants)
      buffers.device.queue.writeBuffer(constants, offset, constantData(tensor) as Float32Array<ArrayBuffer>);
    const places: TensorMemory = { ...memory, inputs: this.#inputs, constants };
    this.#locate = locator(plan, places);
    this.#prepared = plan.calls.map((call) => bind(call, this.#locate));
    this.#dispatches = plan.calls.map(() => undefined);
    this.#stepData = new Uint32Array(stepBytes(plan) / 4);
    this.#host = new HostStages(buffers, plan.hosts, this.#locate);
    this.submissions = firstSubmissions(plan.flops, knownGigaflops(buffers.device));
  }

  /**
   * Compiles the kernels of all dispatches, or of those with these numbers, at the same time, and makes their bind
   * groups. Gives the distinct kernels in the order in which they run; `progress` is called once for each that no
   * program had.
   */
  async make(progress?: () => void, only?: ReadonlySet<number>): Promise<readonly MadeKernel[]> {
    const { plan } = this;
    const wanted = [...plan.calls.keys()].filter((at) => only?.has(at) !== false);
    const kernels = wanted.map((at) => this.#prepared[at]!.kernel);
    const pipelines = await this.#memory.pipelines.compile(kernels, progress);
    const turns = turnsOf(plan.loops);
    const moving = new Set(plan.loops.flatMap((loop) => [...loop.pieces.keys()]));
    const total = plan.calls.reduce((sum, call, at) => sum + costOf(call) * turns(at), 0);
    wanted.forEach((at, k) => {
      if (this.#dispatches[at]) return;
      const call = plan.calls[at]!;
      const differs = call.usesStep || call.bindings.some(({ tensor }) => moving.has(tensor));
      this.#dispatches[at] = {
        pipeline: pipelines[k]!,
        bindGroups: [
          this.#group(at, 0),
          ...Array.from({ length: differs ? turns(at) - 1 : 0 }, (_, k) => this.#group(at, k + 1)),
        ],
        workgroups: call.workgroups,
        label: call.label,
        weight: costOf(call) / total,
      };
    });
    const distinct = new Map(kernels.map((kernel, k) => [pipelines[k]!, kernel]));
    return [...distinct].map(([pipeline, kernel]) => ({ pipeline, kernel }));
  }

  /** What a dispatch is bound to in a turn of its loop. */
  #group(at: number, turn: number): GPUBindGroup {
    const call = this.plan.calls[at]!;
    const { kernel, entries } = turn === 0 ? this.#prepared[at]! : bind(call, (tensor) => this.#locate(tensor, turn));
    const resource = { buffer: this.#step, offset: turn * STEP_STRIDE, size: STEP_BYTES };
    return this.#memory.buffers.device.createBindGroup({
      label: call.label,
      layout: this.#memory.pipelines.layout(kernel.access),
      entries: call.usesStep ? [{ binding: 0, resource }, ...entries] : entries,
    });
  }

  /** Number of dispatches of one run. */
  get dispatches(): number {
    return dispatchesOf(this.plan);
  }

  /**
   * Writes one input, of which `data` may be the part that begins at element `from`. Throws UserError when the size
   * differs; what the program does not read is left out.
   */
  write(name: string, data: Float32Array | Uint32Array | Int32Array, from = 0, size?: number): void {
    const input = this.plan.inputs.get(name);
    if (!input) return;
    const wanted = size ?? input.tensor.size;
    if (data.length !== wanted) {
      throw new UserError(
        'input-size',
        `Input ${name} has ${data.length} values; [${input.tensor.shape.join(', ')}] is wanted.`,
        { name },
      );
    }
    const half = data instanceof Float32Array && this.plan.half(input.tensor);
    const stored = half ? narrowHalf(evenly(data)) : (data as Float32Array<ArrayBuffer>);
    const offset = input.offset + from * (half ? 2 : 4);
    this.#memory.buffers.device.queue.writeBuffer(this.#inputs, offset, stored);
  }

  /** Submits one run of a program without host stages. The seed and the index of the step reach the random ops. */
  run(seed: number, index: number, run: Run = {}): void {
    const turns = this.#record(seed, index, run);
    if (turns.next().done !== true) throw new Bug(`${this.plan.spec.name} waits for JavaScript: run it by runStages`);
  }

  /** What a result follows from; null where the program has loops. */
  neededFor(name: string): Needed | null {
    const tensor = this.plan.results.get(name);
    return tensor ? neededFor(this.plan, tensor) : null;
  }

  /** As `runStages`, of only that: afterwards all that outlasts a run is as before. */
  async runNeeded(needed: Needed, seed: number, index: number, run: Omit<Run, 'finish'> = {}): Promise<void> {
    const restore = this.#memory.parameters.keep(this.plan.updatesInPlace.values());
    try {
      for (const host of this.#record(seed, index, run, needed)) await this.#host.run(host, run.batch ?? {});
    } finally {
      restore();
    }
  }

  /** Submits one run in parts between which JavaScript has its turns; the last part is submitted when this resolves. */
  async runStages(seed: number, index: number, run: Run = {}): Promise<void> {
    for (const host of this.#record(seed, index, run)) await this.#host.run(host, run.batch ?? {});
  }

  /** Records and submits; stops after what each host stage waits for was submitted. */
  *#record(seed: number, index: number, { start, finish, piece }: Run, only?: Needed): Generator<PlannedHost, void> {
    const { device } = this.#memory.buffers;
    const { plan } = this;
    this.#writeStep(seed, index);
    const recorder = new Recorder(device, plan.spec.name, this.submissions);
    const hosts = [...(only ?? plan).hosts];
    const loops = [...plan.loops];
    if (start) start(recorder.encoder);
    for (let at = 0; at < plan.calls.length;) {
      while (hosts[0]?.at === at) yield this.#leave(hosts.shift()!, recorder);
      if (loops[0]?.first === at) {
        const loop = loops.shift()!;
        this.#loop(loop, recorder, piece);
        at = loop.end;
      } else {
        if (only?.calls.has(at) !== false) recorder.dispatch(this.#dispatches[at]!, 0);
        at++;
      }
    }
    for (const host of hosts) yield this.#leave(host, recorder);
    if (!only) this.#copyUpdates(recorder.encoder);
    finish?.(recorder.encoder);
    recorder.submit();
    this.submitted = recorder.submissions;
  }

  #leave(host: PlannedHost, recorder: Recorder): PlannedHost {
    this.#host.copyReads(host, recorder.encoder);
    recorder.submit();
    return host;
  }

  #loop(loop: PlannedLoop, recorder: Recorder, piece: Run['piece']): void {
    for (const tensor of loop.cleared) {
      const { buffer, offset, bytes } = this.#locate(tensor);
      recorder.encoder.clearBuffer(buffer, offset, bytes);
    }
    for (let turn = 0; turn < loop.count; turn++) {
      for (const tensor of loop.streams) {
        const name = tensor.node.path;
        const to = this.input(name);
        const from = piece?.(name, turn);
        invariant(from, `no piece ${turn} of ${name}`);
        recorder.encoder.copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, from.bytes);
      }
      for (let at = loop.first; at < loop.end; at++) recorder.dispatch(this.#dispatches[at]!, turn);
    }
  }

  #writeStep(seed: number, index: number): void {
    const data = this.#stepData;
    for (let turn = 0; turn * (STEP_STRIDE / 4) < data.length; turn++) {
      // Turn 0 draws what a program without loops does.
      data[turn * (STEP_STRIDE / 4)] = (seed ^ Math.imul(turn, 0x9e3779b1)) >>> 0;
      data[turn * (STEP_STRIDE / 4) + 1] = index;
    }
    this.#memory.buffers.device.queue.writeBuffer(this.#step, 0, data);
  }

  /** Runs once with every dispatch timed, of a loop's body one turn. */
  async profile(): Promise<readonly (KernelTime & { readonly call: Call; readonly turns: number })[]> {
    const once = this.#dispatches.map((made) => {
      const { bindGroups, ...one } = made!;
      return { ...one, bindGroup: bindGroups[0] };
    });
    const restore = this.#memory.parameters.keep(this.plan.updatesInPlace.values());
    const times = await timeDispatches(this.#memory.buffers.device, once).finally(restore);
    const turns = turnsOf(this.plan.loops);
    return times.map((one, k) => ({ ...one, call: this.plan.calls[k] as Call, turns: turns(k) }));
  }

  /** Where an input lies, for data that is on the GPU already; of a stream, one piece. */
  input(name: string): Location {
    const input = this.plan.inputs.get(name);
    invariant(input, `no input named ${name}`);
    const { bytes, ...place } = this.#locate(input.tensor);
    return { ...place, bytes: bytes / input.pieces };
  }

  /** Where a named result lies after a run. */
  result(name: string): Location {
    const tensor = this.plan.results.get(name);
    invariant(tensor, `no result named ${name}`);
    return this.#locate(tensor);
  }

  /** Reads a named result of the last run. */
  async read(name: string): Promise<Float32Array> {
    const { buffer, offset, bytes } = this.result(name);
    return new Float32Array(await this.#memory.buffers.read(buffer, offset, bytes));
  }

  #copyUpdates(encoder: GPUCommandEncoder): void {
    for (const [name, tensor] of this.plan.updatesCopied) {
      const from: Location = this.#locate(tensor);
      const to = this.#memory.parameters.at(name);
      encoder.copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, to.bytes);
    }
  }
}

/** The values, with a zero more where their number is odd: WebGPU writes whole words. */
function evenly(values: Float32Array): Float32Array {
  if (values.length % 2 === 0) return values;
  const padded = new Float32Array(values.length + 1);
  padded.set(values);
  return padded;
}
