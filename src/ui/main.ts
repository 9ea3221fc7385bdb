// Entry of the page: loads the language and the first task's words, then mounts the app on the real workers and store.
import { mount } from 'svelte';
import './theme.css';
import './base.css';
import * as runStore from '../runs/runStore';
import App from './App.svelte';
import { readConfig } from './config/configUrl';
import { preferences } from './state/preferences.svelte';
import { connectLater } from './state/connectLater';
import { findTask, loadTaskTexts, loadView, tasks } from './tasks';

const { name } = findTask(readConfig(location.hash)?.task ?? '') ?? tasks[0]!;
// What the empty page shows comes beside the words, not one import after the other; whoever shows it says what failed.
void Promise.allSettled([
  import('./recorded/recording').then(({ openRecording }) => openRecording(name)),
  import('./recorded/RecordedResult.svelte'),
  import('./parts/TaskCards.svelte'),
  loadView(name),
]);
await Promise.all([preferences.load(), loadTaskTexts([name])]);
// In a task of its own: evaluating the modules was one.
await new Promise((resolve) => setTimeout(resolve));
mount(App, {
  target: document.getElementById('app')!,
  props: {
    connect: connectLater,
    runStore,
    downloads: async () => (await import('./state/downloadRemote')).connectDownloadWorker(),
  },
});
void loadTaskTexts();
