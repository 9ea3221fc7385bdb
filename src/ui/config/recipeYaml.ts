// Reads a recipe (YAML in another program's keys, or in our own) into a task's settings, and writes one.
import { UserError } from '../../errors';
import { readYaml, writeYaml, type YamlEntry } from '../../formats/yaml';
import { isNone, type Recipe, type RecipeKey, type RecipeValue } from '../../models/recipeKeys';
import type { Remark, Setting, Task } from '../../models/task';
import type { Settings, SettingValue } from '../../models/settings';
import { readSetting, textOf } from './settingValues';

/** A key as the file writes it. */
export interface RecipePlace {
  readonly key: string;
  readonly line: number;
}

export interface UnderstoodKey extends RecipePlace {
  readonly value: string;
  /** Empty where the key sets nothing here; the note then says why. */
  readonly settings: Settings;
  readonly note: Remark | null;
}

/** A value that cannot be taken; `key` is empty for a file that is not YAML. */
export interface RecipeProblem extends RecipePlace, Remark {}

export interface ReadRecipe {
  /** What the understood keys come to, all of them values that the task allows. */
  readonly settings: Settings;
  /** In the order of the file, like the lists below. */
  readonly understood: readonly UnderstoodKey[];
  readonly unknown: readonly RecipePlace[];
  readonly problems: readonly RecipeProblem[];
}

/** Our own keys stand below this one where other programs' may mean something else. */
const ownPrefix = 'tabtune.';

/** Reads nested and dotted keys alike; throws nothing: what is wrong with the file is one of the problems. */
export function readRecipe(text: string, task: Task, recipe: Recipe = []): ReadRecipe {
  const nothing = { settings: {}, understood: [], unknown: [] };
  let entries: YamlEntry[];
  try {
    entries = readYaml(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { code, message, detail } = error;
    return { ...nothing, problems: [{ key: '', line: Number(detail['line'] ?? 1), code, message, detail }] };
  }
  const keys = [...recipe, ...task.settings.map(ownKey)];
  const found = entries.map((entry) => ({ entry, key: keyFor(entry.key, keys) }));
  // In the order of the recipe, in which later keys count.
  const known = found.flatMap(({ entry, key }) => (key ? [{ entry, key }] : []));
  known.sort((a, b) => keys.indexOf(a.key) - keys.indexOf(b.key) || a.entry.line - b.entry.line);
  const settings: Record<string, SettingValue> = {};
  const understood: UnderstoodKey[] = [];
  const problems: RecipeProblem[] = [];
  let former: RecipeKey | null = null;
  for (const { entry, key } of known) {
    const repeated = key === former && key.below !== true;
    former = key;
    const result = repeated ? twice(entry) : readEntry(entry, key, task);
    if ('code' in result) problems.push(result);
    else {
      Object.assign(settings, result.settings);
      understood.push(result);
    }
  }
  const unknown = found.flatMap(({ entry: { key, line }, key: meaning }) => (meaning ? [] : [{ key, line }]));
  const inOrder = (a: RecipePlace, b: RecipePlace): number => a.line - b.line;
  return { settings, understood: understood.sort(inOrder), unknown, problems: problems.sort(inOrder) };
}

/** All settings as a recipe: by its keys, and by our own where it has none. Reading it gives the same settings. */
export function writeRecipe(settings: Settings, task: Task, recipe: Recipe = []): string {
  const written = recipe.flatMap((one) => {
    const value = one.write?.(settings);
    return value === undefined || value === null ? [] : [{ key: one.key, covers: one.covers, value }];
  });
  const told = new Set(written.flatMap(({ covers }) => covers));
  const rest = task.settings.filter(({ key }) => !told.has(key) && settings[key] !== undefined);
  const own = recipe.length > 0 ? ownPrefix : '';
  return writeYaml(
    [
      ...written.map(({ key, value }) => [key, value] as const),
      ...rest.map(({ key }) => [own + key, settings[key]!] as const),
    ],
    `Tabtune settings, task ${task.name}`,
  );
}

/** A setting under its own name, with the prefix or, where no key of the recipe is called so, without. */
function ownKey({ key }: Setting): RecipeKey {
  return {
    key: ownPrefix + key,
    also: [key],
    covers: [key],
    read: (value) => (value === null || typeof value === 'object' ? null : { settings: { [key]: value } }),
  };
}

/** By its name, or the nearest key above it that stands for all below. */
function keyFor(name: string, keys: readonly RecipeKey[]): RecipeKey | null {
  const called = (wanted: string) => (one: RecipeKey) => one.key === wanted || one.also?.includes(wanted) === true;
  const exact = keys.find(called(name));
  if (exact) return exact;
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
    const above = keys.find((one) => one.below === true && called(name.slice(0, dot))(one));
    if (above) return above;
  }
  return null;
}

function readEntry({ key, line, value }: YamlEntry, meaning: RecipeKey, task: Task): UnderstoodKey | RecipeProblem {
  const shown = shownValue(value);
  const reading = value === undefined ? null : meaning.read(value);
  if (!reading) return notPossible({ key, line }, shown, meaning.accepts ?? acceptedBy(meaning, task));
  const settings: Record<string, SettingValue> = {};
  for (const [name, one] of Object.entries(reading.settings)) {
    const setting = task.settings.find((candidate) => candidate.key === name);
    const read = setting && readSetting(setting, asText(setting, one));
    if (!setting || !read?.ok) return outside({ key, line }, shown, setting);
    settings[name] = read.value;
  }
  return { key, line, value: shown, settings, note: reading.note ?? null };
}

/** Switches may be told by words that YAML once read as true and false. */
function asText({ kind }: Setting, value: SettingValue): string {
  const text = textOf(value);
  if (kind !== 'switch') return text;
  return isNone(value) ? 'false' : /^(on|yes)$/i.test(text) ? 'true' : text;
}

function acceptedBy({ covers }: RecipeKey, task: Task): readonly string[] {
  return task.settings.find(({ key }) => key === covers[0])?.choices ?? [];
}

function outside(place: RecipePlace, value: string, setting: Setting | undefined): RecipeProblem {
  const { minimum, maximum, choices, kind } = setting ?? {};
  if (choices) return notPossible(place, value, choices);
  if (kind === 'switch') return notPossible(place, value, ['true', 'false']);
  const range = { minimum: minimum ?? 0, maximum: maximum ?? 0 };
  const [code, what] = kind === 'integer' ? ['recipe-whole', 'a whole number'] : ['recipe-range', 'a number'];
  return {
    ...place,
    code,
    message: `${place.key} is ${value}, but must be ${what} from ${range.minimum} to ${range.maximum}.`,
    detail: { ...place, ...range, value },
  };
}

function notPossible(place: RecipePlace, value: string, accepts: readonly string[]): RecipeProblem {
  const choices = accepts.join(', ');
  const message =
    choices === ''
      ? `${place.key} cannot be ${value} here.`
      : `${place.key} is ${value}, but here it can only be ${choices}.`;
  return {
    ...place,
    code: choices === '' ? 'recipe-value' : 'recipe-choice',
    message,
    detail: { ...place, value, choices },
  };
}

function twice({ key, line }: YamlEntry): RecipeProblem {
  const message = `${key} says something that a line before has said already; it is left out.`;
  return { key, line, code: 'recipe-twice', message, detail: { key, line } };
}

function shownValue(value: RecipeValue | undefined): string {
  if (value === undefined) return '…';
  if (Array.isArray(value)) return `[${value.join(', ')}]`;
  return value === null ? 'null' : String(value);
}
