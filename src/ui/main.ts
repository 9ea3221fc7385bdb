// Entry of the page: loads the language and the first task's words, then mounts the app on the real workers and store.
import { mount } from 'svelte';
import './theme.css';
import './base.css';
import * as runStore from '../runs/runStore';
import App from './App.svelte';
import { preferences } from './state/preferences.svelte';
import { connectLater } from './state/connectLater';
import { loadTaskTexts, tasks } from './tasks';

await Promise.all([preferences.load(), loadTaskTexts([tasks[0]!.name])]);
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
