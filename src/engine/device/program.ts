// A compiled program: planned once, then replayed step after step without making an object on the GPU.
import { Bug, UserError, invariant } from '../../errors';
import { narrowHalf } from '../../formats/halfFloat';
import type { Call } from '../kernels/call';
import { parameterOp } from '../graph/graph';
import type { Tensor } from '../graph/tensor';
import { constantData, parameterName, type PlannedProgram } from '../passes/plan';
import { bind, type BoundCall, type Location } from './bind';
import type { Buffers } from './buffers';
import type { ParameterStore } from './parameterStore';
import type { Pipelines } from './pipelines';
import { timeDispatches, type KernelTime } from './profile';

interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
  readonly label: string;
  /** Share of the whole program's estimated time. */
  readonly weight: number;
}

/** Buffers that a program reads and writes but does not own. */
export interface ProgramMemory {
  readonly buffers: Buffers;
  readonly pipelines: Pipelines;
  readonly arenas: readonly GPUBuffer[];
  readonly parameters: ParameterStore;
  /** Gradients in the layout of the trained parameters; null for programs without. */
  readonly gradients: GPUBuffer | null;
}

/** What one submission may take on before any was measured: a tenth of a second on a slow integrated GPU. */
const FIRST_SUBMISSION_FLOPS = 1e10;
/** Kernels that are warmed up in less time than this go together with others. */
const BRIEF_MILLISECONDS = 20;

export class Program {
  readonly plan: PlannedProgram;
  readonly #memory: ProgramMemory;
  readonly #dispatches: readonly Dispatch[];
  readonly #inputs: GPUBuffer;
  readonly #step: GPUBuffer;
  readonly #stepData = new Uint32Array(4);
  readonly #locate: (tensor: Tensor) => Location;
  /** Command buffers per run; follows the measured time so that none holds the GPU for long. */
  submissions: number;

  private constructor(
    plan: PlannedProgram,
    memory: ProgramMemory,
    dispatches: readonly Dispatch[],
    own: { inputs: GPUBuffer; step: GPUBuffer },
    locate: (tensor: Tensor) => Location,
  ) {
    this.plan = plan;
    this.#memory = memory;
    this.#dispatches = dispatches;
    this.#inputs = own.inputs;
    this.#step = own.step;
    this.#locate = locate;
    this.submissions = Math.min(64, Math.max(1, Math.ceil(plan.flops / FIRST_SUBMISSION_FLOPS)));
  }

  /** Compiles the kernels (in parallel) and makes every buffer and bind group that runs will need. */
  static async create(
    plan: PlannedProgram,
    memory: ProgramMemory,
    progress?: (done: number, total: number) => void,
  ): Promise<Program> {
    const { buffers, pipelines } = memory;
    const { device } = buffers;
    const name = plan.spec.name;
    const inputs = buffers.create(`${name} inputs`, plan.inputBytes, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST);
    const constants = buffers.create(
      `${name} constants`,
      plan.constantBytes,
      GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    );
    const step = buffers.create(`${name} step`, 16, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    for (const [tensor, offset] of plan.constants)
      device.queue.writeBuffer(constants, offset, constantData(tensor) as Float32Array<ArrayBuffer>);

    const inputOffsets = new Map([...plan.inputs.values()].map((one) => [one.tensor, one.offset]));
    const gradientNames = new Map([
      ...plan.formerGradients,
      ...[...plan.gradients].map(([parameter, tensor]): [Tensor, string] => [tensor, parameter]),
    ]);
    const locate = (tensor: Tensor): Location => {
      const bytes = tensor.size * (plan.half(tensor) ? 2 : 4);
      const place = plan.memory.places.get(tensor);
      if (place) return { buffer: memory.arenas[place.arena] as GPUBuffer, offset: place.offset, bytes };
      const parameter =
        gradientNames.get(tensor) ?? ((tensor.node.op as unknown) === parameterOp ? parameterName(tensor) : null);
      if (parameter !== null) {
        const at = memory.parameters.layout.places.get(parameter);
        const buffer = gradientNames.has(tensor) ? memory.gradients : memory.parameters.buffer;
        invariant(at && buffer, `no place for ${parameter}`);
        return { buffer, offset: at.offset, bytes };
      }
      const input = inputOffsets.get(tensor);
      if (input !== undefined) return { buffer: inputs, offset: input, bytes };
      const constant = plan.constants.get(tensor);
      if (constant === undefined) throw new Bug(`no place for ${tensor.node.op.name} at ${tensor.node.path}`);
      return { buffer: constants, offset: constant, bytes };
    };

    const prepared = plan.calls.map((call) => bind(call, locate));
    const compiled = await pipelines.compile(
      prepared.map((one) => one.kernel),
      progress,
    );
    const costs = plan.calls.map((call) => call.flops / 10 + call.bytes / 4 + 1000);
    const total = costs.reduce((sum, cost) => sum + cost, 0);
    const dispatches = plan.calls.map((call, k): Dispatch => {
      const { kernel, entries: own } = prepared[k] as BoundCall;
      const entries = call.usesStep ? [{ binding: 0, resource: { buffer: step } }, ...own] : own;
      return {
        pipeline: compiled[k] as GPUComputePipeline,
        bindGroup: device.createBindGroup({ label: call.label, layout: pipelines.layout(kernel.access), entries }),
        workgroups: call.workgroups,
        label: call.label,
        weight: (costs[k] as number) / total,
      };
    });
    return new Program(plan, memory, dispatches, { inputs, step }, locate);
  }

  /** Number of dispatches of one run. */
  get dispatches(): number {
    return this.#dispatches.length;
  }

  /** Writes one input. Throws UserError when there is none of that name or the size differs. */
  write(name: string, data: Float32Array | Uint32Array | Int32Array): void {
    const input = this.plan.inputs.get(name);
    if (!input) return;
    if (data.length !== input.tensor.size) {
      throw new UserError(
        'input-size',
        `Input ${name} has ${data.length} values; [${input.tensor.shape.join(', ')}] is wanted.`,
        { name },
      );
    }
    const half = data instanceof Float32Array && this.plan.half(input.tensor);
    const stored = half ? narrowHalf(evenly(data)) : (data as Float32Array<ArrayBuffer>);
    this.#memory.buffers.device.queue.writeBuffer(this.#inputs, input.offset, stored);
  }

  /**
   * Submits one run. `start` may record into the first command buffer before it (inputs that lie on the GPU),
   * `finish` into the last one after it (optimiser, copies). The seed and the index of the step reach the random ops.
   */
  run(
    seed: number,
    index: number,
    finish?: (encoder: GPUCommandEncoder) => void,
    start?: (encoder: GPUCommandEncoder) => void,
  ): void {
    const { device } = this.#memory.buffers;
    this.#stepData[0] = seed;
    this.#stepData[1] = index;
    device.queue.writeBuffer(this.#step, 0, this.#stepData);
    let next = 0;
    let done = 0;
    for (let part = 1; part <= this.submissions; part++) {
      const encoder = device.createCommandEncoder({ label: this.plan.spec.name });
      if (part === 1) start?.(encoder);
      const pass = encoder.beginComputePass({ label: this.plan.spec.name });
      const until = part === this.submissions ? Infinity : part / this.submissions;
      let pipeline: GPUComputePipeline | null = null;
      while (next < this.#dispatches.length && done < until) {
        const dispatch = this.#dispatches[next++] as Dispatch;
        done += dispatch.weight;
        if (dispatch.pipeline !== pipeline) pass.setPipeline((pipeline = dispatch.pipeline));
        pass.setBindGroup(0, dispatch.bindGroup);
        pass.dispatchWorkgroups(...dispatch.workgroups);
      }
      pass.end();
      if (part === this.submissions) {
        this.#copyUpdates(encoder);
        finish?.(encoder);
      }
      device.queue.submit([encoder.finish()]);
    }
  }

  /**
   * Runs each distinct kernel once on whatever lies in memory: some drivers translate a kernel only when it first
   * runs. `seen` holds kernels that other programs have run already. Call before anything is written. Where kernels
   * are done with at once more and more of them are waited for together.
   */
  async warmUp(seen: Set<GPUComputePipeline>, progress: () => void): Promise<void> {
    const { device } = this.#memory.buffers;
    const fresh = this.#dispatches.filter(({ pipeline }) => !seen.has(pipeline) && seen.add(pipeline));
    let together = 1;
    for (let next = 0; next < fresh.length;) {
      const started = performance.now();
      const lot = fresh.slice(next, next + together);
      for (const { pipeline, bindGroup, workgroups } of lot) {
        const encoder = device.createCommandEncoder({ label: 'warm up' });
        const pass = encoder.beginComputePass({ label: 'warm up' });
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindGroup);
        pass.dispatchWorkgroups(...workgroups);
        pass.end();
        device.queue.submit([encoder.finish()]);
      }
      await device.queue.onSubmittedWorkDone();
      lot.forEach(progress);
      next += lot.length;
      together = performance.now() - started < BRIEF_MILLISECONDS ? 2 * together : 1;
    }
  }

  /** Runs once with every dispatch timed. */
  async profile(): Promise<readonly (KernelTime & { readonly call: Call })[]> {
    const times = await timeDispatches(this.#memory.buffers.device, this.#dispatches);
    return times.map((one, k) => ({ ...one, call: this.plan.calls[k] as Call }));
  }

  /** Where an input lies, for data that is on the GPU already. */
  input(name: string): Location {
    const input = this.plan.inputs.get(name);
    invariant(input, `no input named ${name}`);
    return this.#locate(input.tensor);
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
    for (const [name, tensor] of this.plan.updates) {
      const from = this.#locate(tensor);
      const to = this.#memory.parameters.layout.places.get(name);
      invariant(to, `no parameter ${name}`);
      encoder.copyBufferToBuffer(from.buffer, from.offset, this.#memory.parameters.buffer, to.offset, to.bytes);
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
