// The page on a fake train worker, the real download worker and a store in memory; options come from the query (?pace=, ?failAt=, ?kept=, ?software, ?frames, ?held=, ?bindableBytes=, ?full, ?lostAt=, ?folder).
import { mount } from 'svelte';
import '../../../src/ui/theme.css';
import '../../../src/ui/base.css';
import App from '../../../src/ui/App.svelte';
import { connectDownloadWorker } from '../../../src/ui/state/downloadRemote';
import { preferences } from '../../../src/ui/state/preferences.svelte';
import { loadTaskTexts, tasks } from '../../../src/ui/tasks';
import type { EncodeOptions } from '../../../src/video/encodeVideo';
import { fakeEpoch, fakeStep } from '../fakeRun';
import { FakeTrain, recordOf } from '../fakeTrain';
import type { Held } from '../gates';

const query = new URLSearchParams(location.search);
const train = new FakeTrain({
  pace: Number(query.get('pace') ?? 4),
  failAt: Number(query.get('failAt') ?? -1),
  software: query.has('software'),
  noAdapter: query.has('noAdapter'),
  frames: query.has('frames'),
  held: (query.get('held')?.split(',') ?? []) as Held[],
  bindableBytes: Number(query.get('bindableBytes') ?? Infinity),
  full: query.has('full'),
  lostAt: query.get('lostAt')?.split(',').map(Number) ?? [],
});

const opened = tasks[0]!;
/** With ?folder the browser can come back to the files of the runs that have some: its own stand in for a person's. */
async function keptFolder(): Promise<FileSystemDirectoryHandle> {
  const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('walks', { create: true });
  await folder.getFileHandle('a.bvh', { create: true });
  return folder;
}
const folder = query.has('folder') ? await keptFolder() : undefined;

/** Runs that are there from the start, as after a reload. */
for (const [index, name] of (query.get('kept')?.split(',') ?? []).entries()) {
  const data =
    index % 2 === 0
      ? ({ kind: 'demo' } as const)
      : ({ kind: 'files', name: 'walks', files: [], ...(folder && { folder }) } as const);
  const config = {
    runId: `kept-${index}`,
    name,
    task: opened.name,
    preset: opened.defaultPreset,
    data,
    settings: { epochs: 6 },
  };
  const steps = Array.from({ length: 214 }, (_, i) => fakeStep(i + 1, 60));
  const epochs = [1, 2, 3].map((epoch) => fakeEpoch(opened, epoch, epoch * 60, 1e9));
  train.records.set(config.runId, recordOf(config, steps, epochs, { epoch: 3, value: 67.3 }, null));
}

const runStore = {
  listRuns: () =>
    Promise.resolve([...train.records.values()].map((record) => ({ ...record, checkpointStep: record.step }))),
  getViews: (runId: string) => Promise.resolve(train.views.get(runId) ?? {}),
  getRun: (runId: string) => Promise.resolve(train.records.get(runId)),
  deleteRun: (runId: string) => Promise.resolve(void train.records.delete(runId)),
  renameRun: (runId: string, name: string) => {
    const record = train.records.get(runId);
    if (record) train.records.set(runId, { ...record, name });
    return Promise.resolve();
  },
};

// Tests read what runs were started with, let go what they held, and make videos with the browser's own encoder.
Object.assign(globalThis, {
  startedWith: train.configs,
  judgedWith: train.judged,
  encodeVideo: async (video: EncodeOptions) => (await import('../../../src/video/encodeVideo')).encodeVideo(video),
  letGo: (held: Held) => train.gates.letGo(held),
});
await Promise.all([preferences.load(), loadTaskTexts()]);
mount(App, {
  target: document.getElementById('app')!,
  props: { connect: () => train, runStore, downloads: () => Promise.resolve(connectDownloadWorker()) },
});
