// Sums up what a driver made of the kernels of whole steps, and compares two such tables.
import type { Dispatched } from './compile';
import type { KernelStatistics } from './statistics';

export interface Step {
  readonly name: string;
  readonly dispatches: number;
  /** Dispatches that must wait for others by what they read and write; Dawn puts a barrier before each. */
  readonly barriers: number;
  /** Distinct kernels, and how many of them spill registers or use memory of their own. */
  readonly kernels: number;
  readonly spilling: number;
  readonly scratch: number;
  /** Inverse throughput times invocations in 64s, in millions. */
  readonly cost: number;
}

/** The table that is kept in a file, one for each GPU. */
export interface Table {
  readonly gpu: string;
  readonly driver: string;
  readonly steps: readonly Step[];
}

/** What a step's dispatches of one entry point cost. */
export interface Part {
  readonly entryPoint: string;
  readonly share: number;
}

type Statistics = ReadonlyMap<string, KernelStatistics>;

/** Workgroups of a dispatch. */
export function groupsOf({ workgroups }: Dispatched): number {
  return workgroups.reduce((product, count) => product * Math.max(1, count), 1);
}

function costOf(dispatch: Dispatched, statistics: Statistics): number {
  const subgroups = (groupsOf(dispatch) * dispatch.invocations) / 64;
  return ((statistics.get(dispatch.kernel)?.inverseThroughput ?? 0) * subgroups) / 1e6;
}

/** One row per step, in the order of their first dispatches. */
export function stepsOf(dispatches: readonly Dispatched[], statistics: Statistics): Step[] {
  return [...new Set(dispatches.map(({ step }) => step))].map((name) => {
    const own = dispatches.filter(({ step }) => step === name);
    const kernels = [...new Set(own.map(({ kernel }) => kernel))];
    const which = (test: (one: KernelStatistics) => boolean): number =>
      kernels.filter((kernel) => {
        const one = statistics.get(kernel);
        return one !== undefined && test(one);
      }).length;
    const cost = own.reduce((sum, one) => sum + costOf(one, statistics), 0);
    return {
      name,
      dispatches: own.length,
      barriers: own.filter(({ waits }) => waits).length,
      kernels: kernels.length,
      spilling: which(({ spilled }) => spilled > 0),
      scratch: which(({ scratchBytes }) => scratchBytes > 0),
      cost: Number(cost.toPrecision(5)),
    };
  });
}

/** Entry points that make more than a twentieth of a step's cost, the largest first. */
export function partsOf(step: string, dispatches: readonly Dispatched[], statistics: Statistics): Part[] {
  const own = dispatches.filter((one) => one.step === step);
  const costs = new Map<string, number>();
  for (const one of own) costs.set(one.entryPoint, (costs.get(one.entryPoint) ?? 0) + costOf(one, statistics));
  const total = [...costs.values()].reduce((sum, cost) => sum + cost, 0);
  return [...costs]
    .map(([entryPoint, cost]) => ({ entryPoint, share: cost / total }))
    .filter(({ share }) => share > 0.05)
    .sort((a, b) => b.share - a.share);
}

/** A step may cost this much more than the table says before the table has to be renewed. */
const SLACK = 1.05;

/**
 * What is worse than the table `before` allows, a sentence each: any kernel that spills or uses memory of its own
 * though the table has none, and steps that cost more. Costs of another driver's version say nothing.
 */
export function complaints(before: Table, now: Table): string[] {
  const comparable = before.driver === now.driver;
  return now.steps.flatMap((step) => {
    const old = before.steps.find(({ name }) => name === step.name);
    const found: string[] = [];
    for (const what of ['spilling', 'scratch'] as const) {
      const allowed = old?.[what] ?? 0;
      if (step[what] > allowed)
        found.push(`${now.gpu} ${step.name}: ${step[what]} kernels ${WORDS[what]}, not ${allowed}`);
    }
    if (comparable && old && step.cost > old.cost * SLACK) {
      const more = ((step.cost / old.cost - 1) * 100).toFixed(1);
      found.push(`${now.gpu} ${step.name} costs ${step.cost} M, ${more} % more than the table's ${old.cost} M`);
    }
    return found;
  });
}

const WORDS = { spilling: 'spill registers', scratch: 'use memory of their own' } as const;
