// A folder kept with its run: read again by its handle, videos of kept views put back, nothing where it may not be read.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { withMedia, withoutMedia } from '../../src/runs/keptMedia';
import { deleteRun, getRun, listRuns, putRun } from '../../src/runs/runStore';
import { filesAgain, filesOfFolder } from '../../src/ui/files/folders';
import { sampleRecord } from '../runs/sampleRecord';

/** Stands in for one that a person picked: the browser's own files have handles of the same kind. */
let folder: FileSystemDirectoryHandle;

beforeEach(async () => {
  const root = await navigator.storage.getDirectory();
  folder = await root.getDirectoryHandle('walks', { create: true });
  const deeper = await folder.getDirectoryHandle('subject 1', { create: true });
  for (const [place, name] of [[folder, 'a.mp4'] as const, [deeper, 'b.bvh'] as const]) {
    const stream = await (await place.getFileHandle(name, { create: true })).createWritable();
    await stream.write(`of ${name}`);
    await stream.close();
  }
});

afterEach(async () => {
  for (const run of await listRuns()) await deleteRun(run.runId);
  const root = await navigator.storage.getDirectory();
  await root.removeEntry('walks', { recursive: true }).catch(() => undefined);
});

const paths = (files: readonly { path: string }[] | null) => files?.map(({ path }) => path).sort();

it('comes back with its run from the store, and its files by the paths that a dropped folder gives', async () => {
  await putRun(sampleRecord({ folder }));
  const [head] = await listRuns();
  expect(await head!.folder!.isSameEntry(folder)).toBe(true);
  const files = await filesAgain((await getRun('run-1'))!.folder!, false);
  expect(paths(files)).toEqual(['walks/a.mp4', 'walks/subject 1/b.bvh']);
  expect(await files!.find(({ path }) => path.endsWith('.bvh'))!.blob.text()).toBe('of b.bvh');
});

/** The handle of a browser that answers so. */
function answering(query: PermissionState, request: PermissionState) {
  const asked: string[] = [];
  const queryPermission = () => Promise.resolve(query);
  const requestPermission = () => {
    asked.push('asked');
    return Promise.resolve(request);
  };
  const own = { queryPermission, requestPermission, entries: () => folder.entries(), name: folder.name };
  return { handle: own as unknown as FileSystemDirectoryHandle, asked };
}

it.each<[PermissionState, PermissionState, boolean, number, boolean]>([
  ['granted', 'denied', true, 0, true],
  ['prompt', 'granted', true, 1, true],
  ['prompt', 'granted', false, 0, false],
  ['prompt', 'denied', true, 1, false],
  ['denied', 'granted', true, 0, false],
])('of a permission that is %s, then %s, may ask: %s', async (query, request, ask, times, readable) => {
  const { handle, asked } = answering(query, request);
  expect((await filesAgain(handle, ask)) !== null).toBe(readable);
  expect(asked.length).toBe(times);
});

it('is as if it were not kept once it is gone', async () => {
  const root = await navigator.storage.getDirectory();
  await root.removeEntry('walks', { recursive: true });
  expect(await filesAgain(folder, true)).toBeNull();
});

it('gives kept views their videos again', async () => {
  const files = await filesOfFolder(folder);
  const view = { kind: 'adatad', videos: files.map(({ path, blob }) => ({ path, media: blob })), map: [1] };
  const kept = withoutMedia(view) as typeof view;
  expect(kept.videos.map(({ media }) => media.size)).toEqual([0, 0]);
  const again = withMedia(kept, files) as typeof view;
  expect(again).toEqual(view);
  expect(withMedia({ still: new Uint8Array(2) }, files)).toEqual({ still: new Uint8Array(2) });
});
