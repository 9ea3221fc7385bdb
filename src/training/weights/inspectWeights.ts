// What a file of weights is, before anything is compiled: its own card, or the presets of tasks that its tensors fit.
import { UserError } from '../../errors';
import type { WeightSource } from '../../formats/openWeights';
import { stateDictOf } from '../../formats/stateDict';
import type { Settings } from '../../models/settings';
import type { Task } from '../../models/task';
import type { WeightGuess, WeightsSaid } from '../judging/judgeProtocol';
import type { TaskRuntime } from '../runtime';
import { predictionShapes } from '../trainer/planTraining';
import { checkWeights } from './loadWeights';
import { readCard, type ModelCard } from './modelCard';
import { groupOf } from './weightRules';

export interface KnownTask {
  readonly task: Task;
  readonly load: () => Promise<TaskRuntime | undefined>;
}

/** @throws UserError `weights-card`, `weights-task` and, where a card's model does not fit, `weights-other-model`. */
export async function inspectWeights(source: WeightSource, tasks: readonly KnownTask[]): Promise<WeightsSaid> {
  const { path, format, bytes, metadata } = source;
  const said = { path, format, bytes, tensors: source.tensors.length };
  const card = readCard(metadata, path);
  if (card === null) return { ...said, card, guesses: await guess(source, tasks) };
  const known = tasks.find(({ task }) => task.name === card.task);
  const runtime = await known?.load();
  if (!known || !runtime?.judge) {
    const message = `These weights are of ${card.task}, which this version cannot try (${path})`;
    throw new UserError('weights-task', message, { task: card.task, path });
  }
  const whole = withDefaults(card, known.task);
  checkWeights(source, predictionShapes(runtime.model(whole.settings, whole.facts)), runtime.weightRules);
  return { ...said, card: whole, guesses: [] };
}

/** Settings that came into being after the weights left have their defaults. */
function withDefaults(card: ModelCard, { settings }: Task): ModelCard {
  const defaults = Object.fromEntries(settings.map((setting) => [setting.key, setting.default]));
  return { ...card, settings: { ...defaults, ...card.settings } };
}

async function guess(source: WeightSource, tasks: readonly KnownTask[]): Promise<readonly WeightGuess[]> {
  const guesses: WeightGuess[] = [];
  for (const { task, load } of tasks) {
    const runtime = await load();
    if (!runtime?.judge) continue;
    const { tensors } = stateDictOf(source, groupOf(runtime.weightRules));
    const guessed = [tensors, withoutWrapper(tensors)].map((some) =>
      runtime.judge?.guess?.(new Map(some.map(({ name, shape }) => [name, shape]))),
    );
    const said = guessed.find((one) => one !== undefined && Object.keys(one).length > 0);
    const classes = said?.classes ?? 0;
    for (const { name, settings } of task.presets) {
      const whole: Settings = {
        ...Object.fromEntries(task.settings.map((setting) => [setting.key, setting.default])),
        ...settings,
        ...said?.settings,
      };
      const facts = (await runtime.judge.facts?.(placeholders(classes), whole, [])) ?? {};
      const shapes = predictionShapes(runtime.model(whole, facts));
      const matched = fitting(source, shapes, runtime);
      if (matched > 0)
        guesses.push({
          ...{ task: task.name, preset: name, settings: whole, matched, expected: shapes.size },
          ...{ classes, moreClasses: said?.moreClasses === true },
          vocabulary: runtime.judge.needsVocabulary?.(whole) === true,
        });
    }
  }
  const share = ({ matched, expected }: WeightGuess): number => matched / expected;
  return guesses.sort((a, b) => share(b) - share(a));
}

/** Names without the part before the first dot that most share: what a model was wrapped in (`model.` of Lightning's). */
function withoutWrapper<T extends { readonly name: string }>(tensors: readonly T[]): T[] {
  const first = ({ name }: T): string => name.slice(0, name.indexOf('.') + 1);
  const counts = new Map<string, number>();
  for (const tensor of tensors) counts.set(first(tensor), (counts.get(first(tensor)) ?? 0) + 1);
  const [[wrapper, count] = ['', 0]] = [...counts].sort(([, a], [, b]) => b - a);
  if (count <= tensors.length / 2) return [];
  return tensors.map((one) => (one.name.startsWith(wrapper) ? { ...one, name: one.name.slice(wrapper.length) } : one));
}

/** How many tensors of the model are in the file as they must be; 0 for another model's file. */
function fitting(source: WeightSource, shapes: ReadonlyMap<string, readonly number[]>, runtime: TaskRuntime): number {
  try {
    return checkWeights(source, shapes, runtime.weightRules).matched.length;
  } catch (error) {
    if (error instanceof UserError) return 0;
    throw error;
  }
}

function placeholders(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `class ${i + 1}`);
}
