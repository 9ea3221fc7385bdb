// Allocates what several planned programs share (weights, gradients, arenas) and compiles them.
import { Bug } from '../../errors';
import { layoutParameters, ParameterStore, type ParameterLayout } from './parameterStore';
import { planProgram, sharedArenaBytes, trainedBy, type PlannedProgram, type ProgramSpec } from '../passes/plan';
import type { Target } from '../kernels/target';
import { Buffers } from './buffers';
import { FirstRuns, type FirstRunOptions, type MadeKernel } from './firstRuns';
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

/** The first programs are ready; the others can be compiled while they run. */
export interface CompiledFirst extends Omit<Compiled, 'programs'> {
  readonly first: readonly Program[];
  /** Makes and runs those kernels of the first programs that are not made yet. Fails where `dispose` comes before. */
  readonly complete: () => Promise<void>;
  /** Allocates what the others hold at once, and compiles them. Fails where `dispose` comes first. To be called once. */
  readonly others: (progress?: CountKernels) => Promise<readonly Program[]>;
  /** Gives all memory back. */
  readonly dispose: () => void;
}

/** Counts distinct kernels twice: made, and run. What it throws ends the compilation. */
export type CountKernels = (done: number, total: number) => void;

/** Allocates and compiles a plan. */
export async function compile(device: GPUDevice, planned: Plan, progress?: CountKernels): Promise<Compiled> {
  const made = await compileFirst(device, planned, planned.programs.length, { progress });
  return { ...made, programs: made.first };
}

export interface FirstOptions extends Pick<FirstRunOptions, 'openHelper' | 'alone'> {
  readonly progress?: CountKernels | undefined;
  /** A result of the first program, of whose kernels only those that it takes are made before the rest is asked for. */
  readonly soon?: string | undefined;
}

/** As `compile`, of so many leading programs. */
export async function compileFirst(
  device: GPUDevice,
  planned: Plan,
  leading: number,
  { progress, ...options }: FirstOptions = {},
): Promise<CompiledFirst> {
  const buffers = new Buffers(device);
  const pipelines = new Pipelines(device);
  const storage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const parameters = new ParameterStore(buffers, planned.parameters);
  const { trainedBytes, pages } = planned.parameters;
  const gradients =
    trainedBytes > 0 ? new PagedBuffer(buffers, 'gradients', pagesUpTo(pages, trainedBytes), storage) : null;
  const arenas = planned.arenaBytes.map((bytes, number) => buffers.create(`arena ${number}`, bytes, storage));
  const memory = { buffers, pipelines, arenas, parameters, gradients };
  const started: FirstRuns[] = [];
  let disposed = false;
  const dispose = (): void => {
    disposed = true;
    for (const one of started) one.stop();
    buffers.dispose();
  };
  const known = new Set<MadeKernel['pipeline']>();
  /** Has programs' kernels made and run for the first time: all of them, or of the first program only these dispatches'. */
  const run = async (
    programs: readonly Program[],
    options: FirstRunOptions,
    advance: () => void,
    only?: ReadonlySet<number>,
  ): Promise<void> => {
    const made = await Promise.all(programs.map((one, k) => one.make(advance, k === 0 ? only : undefined)));
    // What the others compute the first program reads.
    const kernels = [...made.slice(1), ...made.slice(0, 1)].flat();
    const fresh = kernels.filter(({ pipeline }) => !known.has(pipeline) && known.add(pipeline));
    const runs = new FirstRuns({ buffers, pipelines }, fresh, options, advance);
    started.push(runs);
    if (disposed) runs.stop();
    await runs.run();
  };
  const counting = (programs: readonly PlannedProgram[], tell?: CountKernels): (() => void) => {
    // Half of the work is making the pipelines, the other half is running each for the first time.
    const total = 2 * kernelsOf(programs);
    let done = 0;
    return () => {
      if (disposed) throw new Bug('a program was disposed of while it was compiled');
      tell?.(Math.min(++done, total), total);
    };
  };
  try {
    const leaders = planned.programs.slice(0, leading);
    const first = leaders.map((one) => new Program(one, memory));
    const { soon, openHelper, alone } = options;
    const needed = soon === undefined ? undefined : first[0]?.neededFor(soon)?.calls;
    const advance = counting(leaders, progress);
    await run(first, { waiting: 4, openHelper, alone }, advance, needed);
    const complete = async (): Promise<void> => {
      if (needed) await run(first, { waiting: 4, openHelper }, advance);
    };
    const others = async (tell?: CountKernels): Promise<readonly Program[]> => {
      const rest = planned.programs.slice(leading);
      const programs = rest.map((one) => new Program(one, memory));
      await run(programs, { waiting: 1 }, counting(rest, tell));
      return programs;
    };
    return { buffers, pipelines, parameters, gradients, first, complete, others, dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

function kernelsOf(programs: readonly PlannedProgram[]): number {
  return new Set(programs.flatMap((one) => one.calls.map((call) => call.source))).size;
}
