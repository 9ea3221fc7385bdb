// The page's screens in the order of their tabs. A new one: its file, a line here, and its name in `screens` of the strings.
import type { Component } from 'svelte';
import type { ScreenName, Workbench } from '../state/workbench.svelte';
import TrainScreen from './TrainScreen.svelte';

type ScreenComponent = Component<{ readonly bench: Workbench }>;

export interface Screen {
  readonly name: ScreenName;
  /** Fetches the screen when it is first opened; the one that the page opens with is there at once. */
  readonly load: () => Promise<{ readonly default: ScreenComponent }> | { readonly default: ScreenComponent };
  /** A number beside the tab's name; 0 shows none. */
  readonly count?: (bench: Workbench) => number;
}

export const screens: readonly Screen[] = [
  { name: 'train', load: () => ({ default: TrainScreen }) },
  { name: 'try', load: () => import('./TryScreen.svelte') },
  { name: 'runs', load: () => import('./RunsScreen.svelte'), count: (bench) => bench.runs.all.length },
];

/** The screen of a name. */
export function screenOf(name: ScreenName): Screen {
  return screens.find((screen) => screen.name === name)!;
}
