// What became of each tensor when weights were loaded, and whether that can be the right file.
import { UserError } from '../../errors';
import { nameOfOdd } from '../../formats/torchTensors';

/** A tensor whose shape in the file differs from the model's. */
export interface ShapePair {
  readonly name: string;
  readonly found: readonly number[];
  readonly wanted: readonly number[];
}

/** Names are the model's, except for `unused`. */
export interface WeightReport {
  readonly path: string;
  readonly format: string;
  readonly bytes: number;
  /** The file's dict that was taken, and others that hold tensors. */
  readonly group: string;
  readonly otherGroups: readonly string[];
  readonly matched: readonly string[];
  /** Loaded after they were resized. */
  readonly reshaped: readonly ShapePair[];
  /** The file has no values for them; they keep their initial ones. */
  readonly initial: readonly string[];
  /** Of the file, without a place in the model. */
  readonly unused: readonly string[];
  /** The file's values do not fit; they keep their initial ones. */
  readonly wrongShape: readonly ShapePair[];
  /** Kinds of Python objects in the file that were not looked at. */
  readonly passedOver: readonly string[];
}

/** Less than this share of the expected tensors is taken for another model's file. */
const leastShare = 0.5;

/**
 * Refuses a file of which most of the model finds nothing.
 * @param expected names of the model's weights that published checkpoints have.
 * @throws UserError `weights-other-model` with the likeliest reason.
 */
export function refuseOtherModel(report: WeightReport, expected: readonly string[]): void {
  const loaded = new Set([...report.matched, ...report.reshaped.map(({ name }) => name)]);
  const missing = expected.filter((name) => !loaded.has(name));
  if (missing.length <= (1 - leastShare) * expected.length) return;
  const { path, unused, wrongShape } = report;
  const counts = `${expected.length - missing.length} of ${expected.length}`;
  throw new UserError(
    'weights-other-model',
    `Only ${counts} weights of this model are in the file. ${likeliestReason(missing, unused, wrongShape)} (${path})`,
    { found: expected.length - missing.length, expected: expected.length, path },
  );
}

/**
 * Refuses a file in which a weight of the model is one that had to be passed over.
 * @throws UserError `weights-passed-over`
 */
export function refusePassedOver({ path, initial, passedOver }: WeightReport, expected: readonly string[]): void {
  const missing = new Set(initial);
  for (const name of expected) {
    const odd = missing.has(name) ? passedOver.find((one) => isOf(one, name)) : undefined;
    if (odd === undefined) continue;
    const message = `The weight ${name} of this model is of a kind in the file that is not read: ${odd}. Save it as plain floats (${path})`;
    throw new UserError('weights-passed-over', message, { name, odd, path });
  }
}

/** Whether what is listed as `NAME (reason)` is this weight, under whatever prefix. */
function isOf(listed: string, name: string): boolean {
  const own = nameOfOdd(listed);
  return own !== listed && (own === name || own.endsWith(`.${name}`));
}

function likeliestReason(
  missing: readonly string[],
  unused: readonly string[],
  wrongShape: readonly ShapePair[],
): string {
  const [other] = wrongShape;
  if (other && wrongShape.length > missing.length / 2)
    return `The names fit but the shapes do not: ${other.name} is ${shape(other.found)} in the file and ${shape(other.wanted)} here. Choose the settings that the file was trained with.`;
  const extra = commonPrefix(unused, missing);
  if (extra !== null) return `They would fit without "${extra}" before each name: remove it and save the file again.`;
  const lacking = commonPrefix(missing, unused);
  if (lacking !== null) return `They would fit with "${lacking}" before each name: add it and save the file again.`;
  if (unused.length === 0) return 'The file holds hardly any weights.';
  return `It seems to belong to another model: it holds "${short(unused[0])}" and the like, where this model has "${short(missing[0])}".`;
}

/** The prefix that, taken from names of `long`, gives most names of `bare`; null when there is none. */
function commonPrefix(long: readonly string[], bare: readonly string[]): string | null {
  const wanted = new Set(bare);
  const votes = new Map<string, number>();
  for (const name of long)
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
      if (wanted.has(name.slice(dot + 1))) {
        const prefix = name.slice(0, dot + 1);
        votes.set(prefix, (votes.get(prefix) ?? 0) + 1);
        break;
      }
  const [best] = [...votes].sort(([, a], [, b]) => b - a);
  return best && best[1] > Math.min(long.length, bare.length) / 2 ? best[0] : null;
}

function shape(sizes: readonly number[]): string {
  return `[${sizes.join(', ')}]`;
}

function short(name = ''): string {
  return name.slice(0, 80);
}
