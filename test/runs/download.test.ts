// Downloads from a server on this machine: whole, resumed, checked; and in which words they fail.
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { download, type DownloadProgress } from '../../src/runs/download';
import type { DownloadFacts, DownloadStore } from '../../src/runs/downloadStore';
import { sha256Of } from '../../src/runs/sha256';
import { FileServer, type FileServerOptions } from '../helpers/fileServer';

const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) & 255);
const sum = createHash('sha256').update(content).digest('hex');

/** Downloads in memory. */
function memoryDownloads() {
  const parts = new Map<string, { facts: DownloadFacts | null; bytes: Uint8Array<ArrayBuffer> }>();
  const whole = new Map<string, Blob>();
  const store: DownloadStore = {
    find: (url) => Promise.resolve(whole.get(url) ?? null),
    begin(url) {
      const part = parts.get(url) ?? { facts: null, bytes: new Uint8Array(0) };
      parts.set(url, part);
      return Promise.resolve({
        facts: part.facts,
        get bytes() {
          return part.bytes.length;
        },
        restart: (facts) => Promise.resolve(void Object.assign(part, { facts, bytes: new Uint8Array(0) })),
        append: (chunk) => void (part.bytes = Uint8Array.from(Buffer.concat([part.bytes, chunk]))),
        close: () => Promise.resolve(),
      });
    },
    part: (url) => Promise.resolve(new Blob([parts.get(url)!.bytes])),
    keep(url) {
      const blob = new Blob([parts.get(url)!.bytes]);
      whole.set(url, blob);
      parts.delete(url);
      return Promise.resolve(blob);
    },
    remove(url) {
      parts.delete(url);
      whole.delete(url);
      return Promise.resolve();
    },
    list: () => Promise.resolve([]),
  };
  return { store, parts, whole };
}

const servers: FileServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function serve(options: FileServerOptions = {}): Promise<{ server: FileServer; url: string }> {
  const server = new FileServer(content, options);
  servers.push(server);
  return { server, url: await server.start() };
}

describe('a download', () => {
  it('arrives whole with its progress, is checked, and is kept', async () => {
    const { server, url } = await serve();
    const { store } = memoryDownloads();
    const seen: DownloadProgress[] = [];
    const first = await download(url, {
      store,
      sha256: `sha256:${sum.toUpperCase()}`,
      onProgress: (p) => seen.push(p),
    });
    expect(first).toMatchObject({ sha256: sum, checkedBy: 'person', keptBytes: 0 });
    expect(first.blob.size).toBe(content.length);
    expect(seen.filter(({ phase }) => phase === 'download').at(-1)).toMatchObject({
      doneBytes: 300_000,
      totalBytes: 300_000,
    });
    const again = await download(url, { store });
    expect(again).toMatchObject({ keptBytes: content.length, sha256: sum });
    expect(server.requests).toEqual(['']);
  });

  it('goes on where the connection broke off', async () => {
    const { server, url } = await serve({ breakAfter: 100_000 });
    const { store, parts } = memoryDownloads();
    await expect(download(url, { store })).rejects.toMatchObject({ code: 'download-interrupted' });
    const kept = parts.get(url)!.bytes.length;
    expect(kept).toBeGreaterThan(0);
    server.options = {};
    const { keptBytes, sha256 } = await download(url, { store });
    expect([keptBytes, sha256]).toEqual([kept, sum]);
    expect(server.requests).toEqual(['', `bytes=${kept}-`]);
  });

  it.each([
    ['the file changed meanwhile', { etag: '"v2"' }, 3],
    ['the server knows no ranges', { ignoreRanges: true }, 2],
  ])('begins anew when %s', async (_, then, requests) => {
    const { server, url } = await serve({ breakAfter: 100_000 });
    const { store } = memoryDownloads();
    await expect(download(url, { store })).rejects.toMatchObject({ code: 'download-interrupted' });
    server.options = then;
    expect(await download(url, { store })).toMatchObject({ keptBytes: 0, sha256: sum });
    expect(server.requests).toHaveLength(requests);
  });

  it('trusts no weak ETag', async () => {
    const { server, url } = await serve({ breakAfter: 100_000, etag: 'W/"v1"' });
    const { store } = memoryDownloads();
    await expect(download(url, { store })).rejects.toMatchObject({ code: 'download-interrupted' });
    server.options = { etag: 'W/"v1"' };
    await download(url, { store });
    expect(server.requests).toEqual(['', '']);
  });

  it('takes an ETag that is a SHA-256 for one', async () => {
    const { url } = await serve({ etag: `"${sum}"` });
    expect(await download(url, { store: memoryDownloads().store })).toMatchObject({ checkedBy: 'server' });
    const wrong = await serve({ etag: `"${'0'.repeat(64)}"` });
    const { store, parts, whole } = memoryDownloads();
    await expect(download(wrong.url, { store })).rejects.toMatchObject({ code: 'download-checksum' });
    expect([parts.size, whole.size]).toEqual([0, 0]);
  });

  it('stops when it is told to, and keeps what arrived', async () => {
    const { url } = await serve();
    const { store, parts } = memoryDownloads();
    const controller = new AbortController();
    const stopped = download(url, { store, signal: controller.signal, onProgress: () => controller.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'download-stopped' });
    expect(parts.get(url)!.bytes.length).toBeGreaterThan(0);
  });

  it.each([
    [404, 'download-refused', /no file/],
    [403, 'download-refused', /sign in/],
    [500, 'download-refused', /error 500/],
  ])('says what status %d means', async (status, code, words) => {
    const { url } = await serve({ status });
    const failing = download(url, { store: memoryDownloads().store });
    await expect(failing).rejects.toMatchObject({ name: 'UserError', code, message: expect.stringMatching(words) });
  });

  it.each(['ftp://x/y', 'http://example.com/w.pth', 'weights.pth', 'https://me:secret@host/w', 'javascript:alert(1)'])(
    'contacts nobody for %s',
    async (address) => {
      await expect(download(address, { store: memoryDownloads().store })).rejects.toMatchObject({
        code: 'download-address',
      });
    },
  );

  it('says that nobody answers', async () => {
    const { server, url } = await serve();
    await server.stop();
    servers.pop();
    await expect(download(url, { store: memoryDownloads().store })).rejects.toMatchObject({
      code: 'download-unreachable',
    });
  });
});

it('computes SHA-256 as Node does', async () => {
  expect(await sha256Of(new Blob([content]))).toBe(sum);
  expect(await sha256Of(new Blob([]))).toBe(createHash('sha256').digest('hex'));
});
