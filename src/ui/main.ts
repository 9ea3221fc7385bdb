// Entry of the page: loads the language, then mounts the app on the real workers and the real store.
import { mount } from 'svelte';
import './theme.css';
import './base.css';
import * as runStore from '../runs/runStore';
import App from './App.svelte';
import { preferences } from './state/preferences.svelte';
import { connectTrainWorker } from './state/trainRemote';

await preferences.load();
mount(App, {
  target: document.getElementById('app')!,
  props: {
    connect: connectTrainWorker,
    runStore,
    downloads: async () => (await import('./state/downloadRemote')).connectDownloadWorker(),
  },
});
