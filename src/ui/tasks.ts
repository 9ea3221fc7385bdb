// Finds every model's folder: its task, and (lazily) its strings and its view. A new folder needs no edit here.
import type { Component } from 'svelte';
import type { DataFile } from '../formats/dataFile';
import type { Recipe } from '../models/recipeKeys';
import { inOrder, type Task } from '../models/task';
import type { LocaleTag, TaskStrings, TaskStringsByLocale } from './strings/taskStrings';
import { emptyTaskStrings } from './strings/taskStrings';
import { TaskTexts } from './state/taskTexts.svelte';

/** What the page hands to a model's view; payloads are the model's own type, null while there is none. */
export interface ViewProps {
  readonly before: unknown;
  readonly now: unknown;
  readonly after: unknown;
  readonly locale: LocaleTag;
  /** Changes with the colours, so that canvases know when to redraw. */
  readonly theme: string;
  /** Whether what moves begins to by itself. */
  readonly plays?: boolean;
  /** Puts files beside the data of the next run: labels that a person corrected in the view. */
  readonly onLabels?: (files: readonly DataFile[]) => Promise<void>;
}

const taskFiles = import.meta.glob<{ task: Task }>('../models/*/task.ts', { eager: true });
const stringFiles = import.meta.glob<{ strings: TaskStringsByLocale }>('../models/*/strings.ts');
const recipeFiles = import.meta.glob<{ recipe: Recipe }>('../models/*/recipe.ts');
const viewFiles = import.meta.glob<{ default: Component<ViewProps> }>('../models/*/View.svelte');

/** The first is the one that the page opens with. */
export const tasks: readonly Task[] = inOrder(Object.values(taskFiles).map(({ task }) => task));

const texts = new TaskTexts(async (name) => {
  const [file, { withSharedSettings }] = await Promise.all([
    stringFiles[`../models/${name}/strings.ts`]?.(),
    import('./strings/sharedSettings'),
  ]);
  return file && withSharedSettings(file.strings);
});

export function findTask(name: string): Task | undefined {
  return tasks.find((task) => task.name === name);
}

/** Empty ones until they are loaded. */
export function taskText(name: string, locale: LocaleTag): TaskStrings {
  return texts.of(name)?.[locale] ?? emptyTaskStrings(name);
}

/** Loads the strings of some tasks; all by default. */
export async function loadTaskTexts(names: readonly string[] = tasks.map(({ name }) => name)): Promise<void> {
  await Promise.all(names.map((name) => texts.load(name)));
}

/** In a task of its own: what is mounted then does not add to the time that its modules took. */
export async function loadView(name: string): Promise<Component<ViewProps> | undefined> {
  const module = await viewFiles[`../models/${name}/View.svelte`]?.();
  await new Promise((resolve) => setTimeout(resolve));
  return module?.default;
}

/** The keys of recipes that were written for another program; none for most tasks. */
export async function loadRecipe(name: string): Promise<Recipe> {
  return (await recipeFiles[`../models/${name}/recipe.ts`]?.())?.recipe ?? [];
}
