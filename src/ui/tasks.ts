// Finds every model's folder: its task, its strings, and (lazily) its view. A new folder needs no edit here.
import type { Component } from 'svelte';
import type { Task } from '../models/task';
import type { LocaleTag, TaskStrings, TaskStringsByLocale } from './strings/taskStrings';
import { emptyTaskStrings } from './strings/taskStrings';

/** What the page hands to a model's view; payloads are the model's own type, null while there is none. */
export interface ViewProps {
  readonly before: unknown;
  readonly now: unknown;
  readonly after: unknown;
  readonly locale: LocaleTag;
  /** Changes with the colours, so that canvases know when to redraw. */
  readonly theme: string;
}

const taskFiles = import.meta.glob<{ task: Task }>('../models/*/task.ts', { eager: true });
const stringFiles = import.meta.glob<{ strings: TaskStringsByLocale }>('../models/*/strings.ts', { eager: true });
const viewFiles = import.meta.glob<{ default: Component<ViewProps> }>('../models/*/View.svelte');

export const tasks: readonly Task[] = Object.keys(taskFiles)
  .sort()
  .map((path) => taskFiles[path]!.task);

export function findTask(name: string): Task | undefined {
  return tasks.find((task) => task.name === name);
}

export function taskText(name: string, locale: LocaleTag): TaskStrings {
  return stringFiles[`../models/${name}/strings.ts`]?.strings[locale] ?? emptyTaskStrings(name);
}

export async function loadView(name: string): Promise<Component<ViewProps> | undefined> {
  const module = await viewFiles[`../models/${name}/View.svelte`]?.();
  return module?.default;
}
