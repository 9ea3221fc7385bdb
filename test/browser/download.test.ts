// The download worker with the browser's own files: resumed across workers, checked, listed, removed.
import { proxy, wrap } from 'comlink';
import { afterAll, afterEach, expect, it } from 'vitest';
import { commands } from 'vitest/browser';
import type { DownloadApi } from '../../src/runs/downloadApi';
import type { DownloadProgress } from '../../src/runs/download';
import { installWorkerErrors } from '../../src/workerErrors';

installWorkerErrors();
const bytes = 3_000_000;
const workers: Worker[] = [];

function startWorker(): DownloadApi {
  const worker = new Worker(new URL('../../workers/download.ts', import.meta.url), { type: 'module' });
  workers.push(worker);
  const remote = wrap<DownloadApi>(worker);
  return {
    download: (address, sum, onProgress) => remote.download(address, sum, proxy(onProgress)),
    stop: () => remote.stop(),
    list: () => remote.list(),
    remove: (url) => remote.remove(url),
  };
}

const silent = () => undefined;

afterEach(async () => {
  for (const worker of workers.splice(0)) worker.terminate();
  const api = startWorker();
  // The file handle of a terminated worker is freed a moment later.
  await expect
    .poll(async () => {
      for (const { url } of await api.list()) await api.remove(url).catch(silent);
      return (await api.list()).length;
    })
    .toBe(0);
});
afterAll(() => commands.stopFileServers());

it('keeps a file and gives it again without asking the server', async () => {
  const url = await commands.startFileServer(bytes, {});
  const seen: DownloadProgress[] = [];
  const first = await startWorker().download(url, '', (progress) => void seen.push(progress));
  expect(first.blob.size).toBe(bytes);
  expect(new Uint8Array(await first.blob.slice(0, 4).arrayBuffer())).toEqual(Uint8Array.of(0, 31, 62, 93));
  expect(seen.at(-1)).toEqual({ phase: 'check', doneBytes: bytes, totalBytes: bytes });
  const api = startWorker();
  const again = await api.download(url, first.sha256, silent);
  expect(again).toMatchObject({ keptBytes: bytes, checkedBy: 'person' });
  expect(await commands.setFileServer(url, {})).toEqual(['']);
  expect(await api.list()).toEqual([{ url, bytes, whole: true }]);
  await api.remove(url);
  expect(await api.list()).toEqual([]);
});

it('goes on in another worker where the connection broke off', async () => {
  const url = await commands.startFileServer(bytes, { breakAfter: 1_000_000 });
  const first = startWorker();
  await expect(first.download(url, '', silent)).rejects.toMatchObject({ code: 'download-interrupted' });
  const [part] = await first.list();
  expect(part).toMatchObject({ url, whole: false });
  const requests = await commands.setFileServer(url, {});
  const { blob, keptBytes } = await startWorker().download(url, '', silent);
  expect([blob.size, keptBytes]).toEqual([bytes, part!.bytes]);
  const content = new Uint8Array(await blob.arrayBuffer());
  expect(content.every((byte, i) => byte === ((i * 31) & 255))).toBe(true);
  expect(requests).toHaveLength(1);
  expect(await commands.setFileServer(url, {})).toEqual(['', `bytes=${part!.bytes}-`]);
});

it('removes a file whose checksum is another', async () => {
  const url = await commands.startFileServer(bytes, {});
  const api = startWorker();
  await expect(api.download(url, 'a'.repeat(64), silent)).rejects.toMatchObject({ code: 'download-checksum' });
  expect(await api.list()).toEqual([]);
});
