// Downloads as the page shows them: time left, what a stop leaves, and which checksum goes with which address.
import { expect, test } from 'vitest';
import { UserError } from '../../src/errors';
import type { DownloadProgress } from '../../src/runs/download';
import type { DownloadApi } from '../../src/runs/downloadApi';
import { isVocabulary, vocabularySource } from '../../src/text/vocabularyFile';
import { Downloads, fileNameOf, type KeptDownload } from '../../src/ui/state/downloads.svelte';

class FakeDownloads implements DownloadApi {
  kept: KeptDownload[] = [];
  readonly asked: [address: string, sha256: string][] = [];
  tell: (progress: DownloadProgress) => void = () => undefined;
  end: (failure?: Error) => void = () => undefined;

  download(address: string, sha256: string, onProgress: (progress: DownloadProgress) => void) {
    this.asked.push([address, sha256]);
    this.tell = onProgress;
    return new Promise<{ blob: Blob; sha256: string; checkedBy: null; keptBytes: number }>((resolve, reject) => {
      this.end = (failure) => {
        if (failure) reject(failure);
        else resolve({ blob: new Blob(['x']), sha256: '', checkedBy: null, keptBytes: 0 });
      };
    });
  }
  stop() {
    this.end(new UserError('download-stopped', 'The download was stopped.'));
    return Promise.resolve();
  }
  list = () => Promise.resolve(this.kept);
  remove = (url: string) => Promise.resolve(void (this.kept = this.kept.filter((kept) => kept.url !== url)));
}

const address = 'https://a.b/models/base%20model.pth?download=true';

test('measures the time left from the first bytes of this attempt, and anew for the check', async () => {
  const api = new FakeDownloads();
  let now = 0;
  const downloads = new Downloads(api, () => now);
  downloads.address = address;
  const file = downloads.start();
  expect(downloads.busy).toBe(true);
  api.tell({ phase: 'download', doneBytes: 600, totalBytes: 1000 });
  expect(downloads.secondsLeft).toBeNaN();
  now = 2000;
  api.tell({ phase: 'download', doneBytes: 800, totalBytes: 1000 });
  expect(downloads.secondsLeft).toBe(2);
  api.tell({ phase: 'download', doneBytes: 900, totalBytes: null });
  expect(downloads.secondsLeft).toBeNaN();
  api.tell({ phase: 'check', doneBytes: 100, totalBytes: 1000 });
  now = 3000;
  api.tell({ phase: 'check', doneBytes: 550, totalBytes: 1000 });
  expect(downloads.secondsLeft).toBe(1);
  api.end();
  expect((await file)?.path).toBe('base model.pth');
  expect(downloads).toMatchObject({ busy: false, progress: null, error: null });
});

test('a stop leaves its sentence and what is kept', async () => {
  const api = new FakeDownloads();
  const downloads = new Downloads(api);
  downloads.address = address;
  const file = downloads.start();
  api.kept = [{ url: address, bytes: 5, whole: false }];
  await downloads.stop();
  expect(await file).toBeNull();
  expect(downloads).toMatchObject({ busy: false, kept: api.kept, error: { code: 'download-stopped' } });
  await downloads.remove(address);
  expect(downloads).toMatchObject({ kept: [], error: null });
});

test('a checksum stays with the address that it was typed for', async () => {
  const api = new FakeDownloads();
  const downloads = new Downloads(api);
  Object.assign(downloads, { address: ` ${address}`, sha256: 'aa' });
  for (const url of [address, 'https://a.b/other.pth']) {
    const file = downloads.resume(url);
    api.end();
    await file;
  }
  expect(api.asked).toEqual([
    [address, 'aa'],
    ['https://a.b/other.pth', ''],
  ]);
});

test.each([
  ['https://a.b/c/w.safetensors', 'w.safetensors'],
  ['https://a.b/100%.pth', '100%.pth'],
  ['https://a.b/', 'a.b'],
])('the file of %s is called %s', (url, name) => expect(fileNameOf(url)).toBe(name));

test('gets what a button names without touching what is typed', async () => {
  const api = new FakeDownloads();
  const downloads = new Downloads(api);
  downloads.address = address;
  downloads.sha256 = 'ab';
  const file = downloads.fetch(vocabularySource.address, vocabularySource.sha256);
  api.end();
  const got = await file;
  expect(got !== null && isVocabulary(got)).toBe(true);
  expect(api.asked).toEqual([[vocabularySource.address, vocabularySource.sha256]]);
  expect(downloads).toMatchObject({ address, sha256: 'ab' });
});
