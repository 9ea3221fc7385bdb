// Allocates what several planned programs share (weights, gradients, arenas) and compiles them.
import { layoutParameters, ParameterStore, type ParameterLayout } from './parameterStore';
import { planProgram, sharedArenaBytes, trainedBy, type PlannedProgram, type ProgramSpec } from '../passes/plan';
import type { Target } from '../kernels/target';
import { Buffers } from './buffers';
import { Pipelines } from './pipelines';
import { PagedBuffer, pagesUpTo } from './pagedBuffer';
import { ownBytes, Program } from './program';

/** Everything that is known before anything is allocated. */
export interface Plan {
  readonly programs: readonly PlannedProgram[];
  readonly parameters: ParameterLayout;
  readonly arenaBytes: readonly number[];
  /** Bytes of all buffers that the programs will hold. */
  readonly bytes: number;
}

/**
 * Plans programs over the same parameters. `specs[0].graph` names them all; the other graphs' parameters must be
 * among them.
 */
export function plan(specs: readonly [ProgramSpec, ...ProgramSpec[]], target: Target): Plan {
  const [first, ...others] = specs;
  return assemble([planProgram(first, target), ...others.map((spec) => planProgram(spec, target))], target);
}

/** The same from programs that are planned already. */
export function assemble(
  programs: readonly [PlannedProgram, ...PlannedProgram[]],
  { storageBindingBytes }: Pick<Target, 'storageBindingBytes'>,
): Plan {
  const trained = new Set(programs.flatMap(trainedBy));
  const parameters = layoutParameters(programs[0].spec.graph, trained, storageBindingBytes);
  const arenaBytes = sharedArenaBytes(programs);
  const own = programs.reduce((sum, one) => sum + ownBytes(one), 0);
  const bytes = arenaBytes.reduce((a, b) => a + b, 0) + Math.max(16, parameters.bytes) + parameters.trainedBytes + own;
  return { programs, parameters, arenaBytes, bytes };
}

export interface Compiled {
  readonly buffers: Buffers;
  readonly pipelines: Pipelines;
  readonly parameters: ParameterStore;
  /** In the layout of the trained parameters; null where nothing is trained. */
  readonly gradients: PagedBuffer | null;
  readonly programs: readonly Program[];
}

/** Allocates and compiles a plan. `progress` counts distinct kernels twice: made, and run. */
export async function compile(
  device: GPUDevice,
  planned: Plan,
  progress?: (done: number, total: number) => void,
): Promise<Compiled> {
  const buffers = new Buffers(device);
  const pipelines = new Pipelines(device);
  const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const parameters = new ParameterStore(buffers, planned.parameters);
  const { trainedBytes, pages } = planned.parameters;
  const gradients =
    trainedBytes > 0 ? new PagedBuffer(buffers, 'gradients', pagesUpTo(pages, trainedBytes), storage) : null;
  const arenas = planned.arenaBytes.map((bytes, number) => buffers.create(`arena ${number}`, bytes, storage));
  const memory = { buffers, pipelines, arenas, parameters, gradients };
  const distinct = new Set(planned.programs.flatMap((one) => one.calls.map((call) => call.source))).size;
  let done = 0;
  // Half of the work is making the pipelines, the other half is running each for the first time.
  const advance = (): void => progress?.(Math.min(++done, 2 * distinct), 2 * distinct);
  const programs = await Promise.all(planned.programs.map((one) => Program.create(one, memory, advance)));
  const seen = new Set<GPUComputePipeline>();
  for (const program of programs) await program.warmUp(seen, advance);
  return { buffers, pipelines, parameters, gradients, programs };
}
