// What the bench asks of the process or worker that measures one row, and what comes back. All plain data.

/** What a row measures: one training step of a model of ours, or a workload of the peer bench. */
export type Subject =
  | {
      readonly kind: 'task';
      readonly name: string;
      /** None means what the demo takes at this adapter's rate. */
      readonly preset: string | undefined;
      readonly settings: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: 'workload';
      readonly name: string;
      readonly scale: Scale;
      readonly set: Readonly<Record<string, unknown>>;
    };

export const scales = ['tiny', 'base', 'gpu'] as const;
export type Scale = (typeof scales)[number];

/** How our kernels are chosen: as shipped for the adapter, by their best guess alone, or by trial. */
export type KernelsBy = 'shipped' | 'guess' | 'trial';

export const OURS = 'tabtune';

export interface RowRequest {
  readonly kind: 'row';
  readonly subject: Subject;
  readonly engine: string;
  /** Address of the module that makes workloads. */
  readonly workloads: string | undefined;
  /** Address of a peer's module; none for our own engine. */
  readonly peer: string | undefined;
  /** Timed steps; undefined lets `budgetSeconds` decide. */
  readonly steps: number | undefined;
  readonly budgetSeconds: number;
  readonly kernels: boolean;
  readonly explain: boolean;
  readonly kernelsBy: KernelsBy;
  /** The adapter's measured rate, which sizes a demo. */
  readonly gigaflops: number;
}

/** Measured once, in a process or worker of its own. */
export interface AdapterFigures {
  readonly description: string;
  readonly software: boolean;
  /** f32 multiply-adds. */
  readonly gigaflops: number;
  /** Reads and writes of a copy. */
  readonly gigabytes: number;
}

export interface Figures {
  readonly steps: number;
  readonly medianMilliseconds: number;
  readonly leastMilliseconds: number;
  /** Setting up (tracing, compiling, loading weights) and the first step, without opening the device. */
  readonly firstMilliseconds: number;
  readonly setupMilliseconds: number;
  readonly pipelines: number;
  /** Per step after two steps to warm up. */
  readonly dispatches: number;
  readonly submissions: number;
  readonly newBuffers: number;
  readonly newBindGroups: number;
  readonly grownBytes: number;
  readonly peakBytes: number;
  /** What only our compiler can tell. */
  readonly plannedBytes?: number;
  readonly flops?: number;
  /** Absent where the adapter has no timestamps. */
  readonly bytes?: number;
  /** Loss of steps 1 and 4, or the probe of an output. */
  readonly check: readonly number[];
}

export interface RowAnswer {
  /** Name of the row, the same for all engines. */
  readonly subject: string;
  readonly figures?: Figures;
  /** Why there are no figures. */
  readonly reason?: string;
  /** The adapter lacks what the row needs: nobody's fault. */
  readonly lacking?: boolean;
  /** Lines of --kernels and --explain. */
  readonly details: readonly string[];
}

export interface Row extends RowAnswer {
  readonly engine: string;
}

export type Request = RowRequest | { readonly kind: 'adapter' };
export type Answer = RowAnswer | AdapterFigures;
