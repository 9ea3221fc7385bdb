// What a run's record must be that comes from outside: what the page reads of it without asking, and no more.
import * as v from 'valibot';
import { UserError } from '../errors';
import type { RunRecord } from '../training/protocol';

/** NaN and infinities are numbers too: a metric that was not measured, a loss that overflowed. */
const number = v.custom<number>((value) => typeof value === 'number');
const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const text = v.pipe(v.string(), v.maxLength(200));
const numbers = v.record(v.string(), number);
const texts = v.array(v.string());
const setting = v.union([v.string(), number, v.boolean(), texts]);
const settings = v.record(v.string(), setting);
const best = v.nullable(v.looseObject({ epoch: whole, value: number }));

const step = v.looseObject({
  ...{ step: whole, epoch: whole, learningRate: number, loss: number, parts: numbers, milliseconds: number },
  ...{ gradientNorm: v.optional(number), heldBytes: v.optional(number), waits: v.optional(numbers) },
});

const epoch = v.looseObject({
  ...{ epoch: whole, step: whole, trainLoss: number, metrics: numbers, seconds: number, best: v.boolean() },
});

const plan = v.looseObject({
  ...{ parameters: whole, trainableParameters: whole, dispatchesPerStep: whole, plannedPeakBytes: number },
  ...{ compileMilliseconds: number, gigaflopsPerStep: number },
  precision: v.picklist(['f32', 'mixed']),
  judges: v.picklist(['raw', 'averaged']),
});

const adapter = v.looseObject({
  ...{ vendor: v.string(), architecture: v.string(), description: v.string(), software: v.boolean() },
  ...{ features: texts, limits: numbers, gigaflops: number },
});

const summary = v.looseObject({
  reason: v.picklist(['all-epochs', 'stopped', 'early-stop', 'time-limit']),
  ...{ metricName: v.string(), before: number, after: number, best: v.unwrap(best), baselines: numbers },
  ...{ metricsBefore: numbers, metricsAfter: numbers, tables: v.record(v.string(), numbers) },
  ...{ seconds: number, steps: whole, stepMilliseconds: number, livePeakBytes: number, plan, adapter },
});

const odd = v.array(v.looseObject({ name: v.string(), found: v.array(number), wanted: v.array(number) }));
const weights = v.looseObject({
  ...{ path: v.string(), format: v.string(), bytes: number, group: v.string(), otherGroups: texts },
  ...{ matched: texts, reshaped: odd, initial: texts, unused: texts, wrongShape: odd, passedOver: texts },
});

const states = [
  ...(['preparing', 'compiling', 'running', 'evaluating', 'pausing', 'paused'] as const),
  ...(['stopping', 'finished', 'failed'] as const),
];

const record = v.looseObject({
  ...{ runId: v.pipe(text, v.minLength(1)), name: text, task: text, preset: text, dataName: v.string() },
  dataKind: v.picklist(['demo', 'files']),
  repairText: v.optional(v.boolean()),
  added: v.optional(v.array(v.looseObject({ path: v.string(), blob: v.instance(Blob) }))),
  weights: v.optional(weights),
  settings,
  changes: v.optional(v.array(v.looseObject({ step: whole, key: v.string(), from: setting, to: setting }))),
  ...{ createdAt: number, updatedAt: number, step: whole, epoch: whole },
  state: v.picklist(states),
  ...{ steps: v.array(step), epochs: v.array(epoch), baselines: numbers, metricsBefore: numbers, best },
  summary: v.nullable(summary),
});

/**
 * The record as it is.
 * @param path only named in errors.
 * @throws UserError `archive-record` where something of it is missing or of another kind.
 */
export function checkedRecord(value: unknown, path: string): RunRecord {
  const { success, issues } = v.safeParse(record, value);
  if (success) return value as RunRecord;
  const [issue] = issues;
  const key = v.getDotPath(issue) ?? '';
  const message = `The record of a run is damaged at "${key}", or was written by another version (${path})`;
  throw new UserError('archive-record', message, { key, path });
}
