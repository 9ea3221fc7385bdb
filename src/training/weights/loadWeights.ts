// Puts the weights of a file into a model, one tensor at a time, and reports what fitted.
import { joinedFloats } from '../../formats/joined';
import { UserError } from '../../errors';
import type { WeightSource, WeightTensor } from '../../formats/openWeights';
import { named } from '../../formats/namedReading';
import { stateDictOf } from '../../formats/stateDict';
import { floatValues, type StoredTensor } from '../../formats/storedTensor';
import type { Progress } from '../../formats/progress';
import type { WeightTarget } from '../runtime';
import { areFinite } from '../trainer/stateTensors';
import { fitNames } from './fitNames';
import { refuseOtherModel, refusePassedOver, type ShapePair, type WeightReport } from './weightReport';
import type { Placement, WeightRulesFor } from './weightRules';

const nothing: StoredTensor = { dtype: 'F32', shape: [0], data: new Float32Array(0) };

type Step = (values: Float32Array) => Float32Array;

/** A tensor of the file, and what is taken of it. */
interface Part {
  readonly from: WeightTensor;
  readonly shape: readonly number[];
  readonly take: Step | undefined;
}

/** One write to come. */
interface Plan {
  /** One after the other; mostly one. */
  readonly parts: readonly Part[];
  readonly to: string;
  readonly shape: readonly number[];
  readonly resize: Step | null;
}

/**
 * Loads what fits by name and shape; everything else keeps its value. Nothing is written before the file is known to
 * belong to this model, and no more than one tensor of it is in memory at a time.
 * @throws UserError `weights-other-model`, `weights-not-finite`, or what reading the file throws.
 */
export async function loadWeights(
  source: WeightSource,
  model: WeightTarget,
  rules: WeightRulesFor = {},
  progress: Progress = () => undefined,
): Promise<WeightReport> {
  const { plans, report } = planLoading(source, model.shapes, rules);
  let last: { readonly from: WeightTensor | null; readonly tensor: StoredTensor } = { from: null, tensor: nothing };
  // A fused tensor goes to several places, one after the other.
  const read = async (from: WeightTensor): Promise<StoredTensor> => {
    if (last.from !== from) last = { from, tensor: await from.read() };
    return last.tensor;
  };
  for (const [done, { parts, to, shape, resize }] of plans.entries()) {
    progress('weights', done, plans.length);
    const [{ from, take }] = parts as [Part];
    const tensor = await read(from);
    if (tensor.data instanceof BigInt64Array && !take && !resize && parts.length === 1) {
      await model.writeWeight(to, { dtype: 'I64', shape, data: tensor.data });
      continue;
    }
    const found: Float32Array[] = [];
    for (const part of parts) {
      const all = floats(await read(part.from), part.from);
      found.push(part.take?.(all) ?? all);
    }
    const whole = found.length === 1 ? found[0]! : joinedFloats(found);
    const data = resize?.(whole) ?? whole;
    refuseNotFinite(data, from);
    await model.writeWeight(to, { dtype: 'F32', shape, data });
  }
  progress('weights', plans.length, plans.length);
  return report;
}

/**
 * What loading would do, from headers alone: nothing is read or written.
 * @throws UserError `weights-other-model`.
 */
export function checkWeights(
  source: WeightSource,
  shapes: ReadonlyMap<string, readonly number[]>,
  rules: WeightRulesFor = {},
): WeightReport {
  return planLoading(source, shapes, rules).report;
}

/** Decides for every tensor from its name and shape alone; throws UserError `weights-other-model`. */
function planLoading(
  source: WeightSource,
  shapes: ReadonlyMap<string, readonly number[]>,
  rulesFor: WeightRulesFor,
): { plans: readonly Plan[]; report: WeightReport } {
  const rules =
    typeof rulesFor === 'function' ? rulesFor(stateDictOf(source).tensors.map(({ name }) => name)) : rulesFor;
  const { group, otherGroups, tensors: listed } = stateDictOf(source, rules.group);
  const placesOf = ({ name, shape }: Pick<WeightTensor, 'name' | 'shape'>): readonly Placement[] =>
    rules.place?.(name, shape) ?? [{ name, shape }];
  const names = fitNames(
    listed.map(({ name }) => name),
    (name, i) => placesOf({ name, shape: listed[i]!.shape }).some((place) => shapes.has(place.name)),
  );
  const tensors = listed.map((tensor, i) => ({ ...tensor, name: names[i]! }));
  const plans: Plan[] = [];
  const matched: string[] = [];
  const reshaped: ShapePair[] = [];
  const wrongShape: ShapePair[] = [];
  const unused: string[] = [];
  const filled = new Set<string>();
  const incomplete = new Map<string, Map<number, Part>>();
  for (const from of tensors) {
    for (const { name, shape: own, take, part } of placesOf(from)) {
      const wanted = shapes.get(name);
      if (!wanted || filled.has(name)) {
        unused.push(from.name);
        continue;
      }
      const parts = incomplete.get(name) ?? new Map<number, Part>();
      parts.set(part?.number ?? 0, { from, shape: own, take });
      if (part && parts.size < part.of) {
        incomplete.set(name, parts);
        continue;
      }
      incomplete.delete(name);
      const inOrder = [...parts].sort(([a], [b]) => a - b).map(([, one]) => one);
      const found = [inOrder.reduce((sum, { shape: [rows = 1] }) => sum + rows, 0), ...own.slice(1)].slice(
        0,
        own.length,
      );
      const fits = sameShape(found, wanted);
      const resize = fits ? null : (rules.resize?.(name, found, wanted) ?? null);
      if (fits) matched.push(name);
      else (resize ? reshaped : wrongShape).push({ name, found, wanted });
      if (!fits && !resize) continue;
      filled.add(name);
      plans.push({ parts: inOrder, to: name, shape: wanted, resize });
    }
  }
  for (const parts of incomplete.values()) for (const { from } of parts.values()) unused.push(from.name);
  const mentioned = new Set([...filled, ...wrongShape.map(({ name }) => name)]);
  const initial = [...shapes.keys()].filter((name) => !mentioned.has(name));
  const { path, format, bytes, passedOver } = source;
  const found = { group, otherGroups, matched, reshaped, initial, unused, wrongShape };
  const report: WeightReport = { path, format, bytes, passedOver, ...found };
  const expected = [...shapes].flatMap(([name, shape]) =>
    shape.length > 0 && rules.startsFresh?.(name) !== true ? [name] : [],
  );
  refusePassedOver(report, expected);
  refuseOtherModel(report, expected);
  rules.accept?.(report, shapes);
  return { plans, report };
}

function floats(tensor: StoredTensor, { name, path }: WeightTensor): Float32Array<ArrayBuffer> {
  try {
    return floatValues(tensor);
  } catch (error) {
    throw error instanceof UserError ? named(error, path, name) : error;
  }
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

function refuseNotFinite(values: Float32Array, { name, path }: WeightTensor): void {
  if (areFinite(values)) return;
  throw new UserError(
    'weights-not-finite',
    `The weight ${name} holds values that are not finite numbers; the file is damaged, or its training had failed (${path})`,
    { name, path },
  );
}
