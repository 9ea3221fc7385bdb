// Follows a run by its events: a line per epoch while it goes on, the figures when it ended.
import type { EpochRecord, Metrics, PlanReport, RunEvent, RunSummary, StepRecord } from '../src/training/protocol';

const quietMilliseconds = 10_000;

export interface DemoUnits {
  readonly name: string;
  readonly unit: string;
}

/** What `--json` writes. */
export interface DemoResult {
  readonly task: string;
  readonly adapter: string;
  readonly metric: {
    readonly name: string;
    readonly before: number;
    readonly after: number;
    /** The same after training on what was trained on, where the task judges that too. */
    readonly training?: number;
  };
  /** All of them, of the weights that are kept. */
  readonly metrics: Metrics;
  readonly best: { readonly epoch: number; readonly value: number };
  readonly epochs: readonly EpochRecord[];
  readonly seconds: number;
  readonly steps: number;
  readonly stepMilliseconds: number;
  readonly compileMilliseconds: number;
  readonly dispatchesPerStep: number;
  readonly plannedPeakBytes: number;
  readonly livePeakBytes: number;
  readonly baseline: Readonly<Record<string, number>>;
}

export class DemoRun {
  readonly ended: Promise<RunSummary>;
  readonly #task: string;
  readonly #metric: DemoUnits;
  readonly #print: (line: string) => void;
  readonly #epochs: EpochRecord[] = [];
  readonly #stepMilliseconds: number[] = [];
  #plan: PlanReport | undefined;
  #totalEpochs = 0;
  #totalSteps = 0;
  #secondsLeft = NaN;
  #preparing = '';
  #printedAt = 0;
  #finish!: (summary: RunSummary) => void;
  #fail!: (error: Error) => void;

  constructor(task: string, metric: DemoUnits, print: (line: string) => void) {
    this.#task = task;
    this.#metric = metric;
    this.#print = (line) => {
      this.#printedAt = performance.now();
      print(line);
    };
    this.ended = new Promise((finish, fail) => {
      this.#finish = finish;
      this.#fail = fail;
    });
    // Whoever waits hears of it; a failure before anybody waits must not end the script by itself.
    this.ended.catch(() => undefined);
  }

  fail(message: string): void {
    this.#fail(new Error(message));
  }

  apply(event: RunEvent): void {
    switch (event.type) {
      case 'data':
        this.#print(
          `data: ${Object.entries(event.report.counts)
            .map(([name, count]) => `${count} ${name}`)
            .join(', ')}; ${event.report.usable} of ${event.report.found} files usable`,
        );
        for (const problem of event.report.problems.slice(0, 10)) this.#print(`  ${problem.path}: ${problem.message}`);
        break;
      case 'prepare':
        if (event.what !== this.#preparing) this.#print(`${event.what}…`);
        this.#preparing = event.what;
        break;
      case 'plan':
        // It comes again once all is compiled, with the time that took.
        if (this.#plan) {
          this.#plan = event.plan;
          break;
        }
        this.#plan = event.plan;
        this.#totalSteps = event.steps;
        this.#totalEpochs = Math.ceil(event.steps / Math.max(1, event.stepsPerEpoch));
        this.#print(
          `adapter: ${event.adapter.description || `${event.adapter.vendor} ${event.adapter.architecture}`}` +
            ` (${event.adapter.gigaflops.toFixed(0)} GFLOP/s${event.adapter.software ? ', software' : ''})`,
        );
        this.#print(
          `${event.plan.trainableParameters} trainable parameters, ${event.steps} steps of ` +
            `${event.plan.dispatchesPerStep} dispatches, planned peak ${mebibytes(event.plan.plannedPeakBytes)}`,
        );
        break;
      case 'before':
        this.#print(`before training: ${this.#value(Object.values(event.metrics)[0] ?? NaN)}`);
        break;
      case 'steps':
        this.#stepMilliseconds.push(...event.records.map((record) => record.milliseconds));
        this.#secondsLeft = event.secondsLeft;
        this.#sayStillThere(event.records.at(-1));
        break;
      case 'epoch':
        this.#addEpoch(event.record);
        break;
      case 'notice':
        this.#print(`note: ${event.message}`);
        break;
      case 'finished':
        this.#finish(event.summary);
        break;
      case 'failed':
        this.fail(event.error.kind === 'bug' ? `${event.error.message}\n${event.error.stack}` : event.error.message);
        break;
      default:
        break;
    }
  }

  result(summary: RunSummary): DemoResult {
    const { metricName, before, after, best, seconds, steps, plan, adapter } = summary;
    const training = summary.metricsAfter[`training ${metricName}`];
    return {
      task: this.#task,
      adapter: adapter.description || `${adapter.vendor} ${adapter.architecture}`,
      metric: { name: metricName, before, after, ...(training !== undefined && { training }) },
      metrics: summary.metricsAfter,
      best,
      epochs: this.#epochs,
      seconds,
      steps,
      stepMilliseconds: median(this.#stepMilliseconds) ?? summary.stepMilliseconds,
      compileMilliseconds: (this.#plan ?? plan).compileMilliseconds,
      dispatchesPerStep: plan.dispatchesPerStep,
      plannedPeakBytes: plan.plannedPeakBytes,
      livePeakBytes: summary.livePeakBytes,
      baseline: summary.baselines,
    };
  }

  printEnd(summary: RunSummary, result: DemoResult): void {
    const { metric, best, baseline } = result;
    this.#print('');
    if (summary.reason !== 'all-epochs') this.#print(`ended early: ${summary.reason}`);
    this.#print(`${metric.name} before ${this.#number(metric.before)}, after ${this.#number(metric.after)}`);
    this.#print(`best ${this.#number(best.value)} (epoch ${best.epoch})`);
    const others = Object.entries(summary.metricsAfter).filter(([name]) => name !== metric.name);
    if (others.length > 0) this.#print(others.map(([name, value]) => `${name} ${this.#number(value, '')}`).join(', '));
    for (const [name, value] of Object.entries(baseline)) this.#print(`baseline ${name} ${this.#number(value)}`);
    this.#print(
      `${result.steps} steps in ${result.seconds.toFixed(1)} s, ${result.stepMilliseconds.toFixed(1)} ms each (median); ` +
        `compiled in ${(result.compileMilliseconds / 1000).toFixed(1)} s; live peak ${mebibytes(result.livePeakBytes)}`,
    );
  }

  /** On a slow adapter an epoch may take minutes. */
  #sayStillThere(record: StepRecord | undefined): void {
    if (record === undefined || performance.now() - this.#printedAt < quietMilliseconds) return;
    this.#print(`  step ${record.step}/${this.#totalSteps}  loss ${record.loss.toPrecision(4)}  ${this.#timeLeft()}`);
  }

  #timeLeft(): string {
    return Number.isFinite(this.#secondsLeft) ? `${this.#secondsLeft.toFixed(0)} s left` : '';
  }

  #addEpoch(record: EpochRecord): void {
    // A run that went back to a checkpoint repeats epochs.
    while (this.#epochs.length > 0 && this.#epochs.at(-1)!.epoch >= record.epoch) this.#epochs.pop();
    this.#epochs.push(record);
    const metric = record.metrics[this.#metric.name] ?? Object.values(record.metrics)[0];
    const judged = metric === undefined ? '' : `${this.#value(metric)}  `;
    this.#print(
      `epoch ${record.epoch}/${this.#totalEpochs}  ${judged}loss ${record.trainLoss.toPrecision(4)}  ` +
        `${this.#timeLeft()}${record.best ? '  best' : ''}`,
    );
  }

  #value(value: number): string {
    return `${this.#metric.name} ${this.#number(value)}`;
  }

  #number(value: number, unit = this.#metric.unit): string {
    return `${value.toPrecision(4)} ${unit}`.trimEnd();
  }
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
