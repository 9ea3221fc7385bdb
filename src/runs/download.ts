// Downloads a file that the person asked for by its address: with progress, going on where it broke off, checked, and kept.
import { UserError } from '../errors';
import type { DownloadStore, PartialDownload } from './downloadStore';
import { sha256Of } from './sha256';

export interface DownloadProgress {
  readonly phase: 'download' | 'check';
  readonly doneBytes: number;
  /** Null where the server does not say it. */
  readonly totalBytes: number | null;
}

export interface DownloadOptions {
  readonly store: DownloadStore;
  /** What the person was told that the file's SHA-256 is, in hexadecimal. */
  readonly sha256?: string;
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
}

export interface Download {
  readonly blob: Blob;
  readonly sha256: string;
  /** What the checksum was compared with; null when there was nothing to compare with. */
  readonly checkedBy: 'person' | 'server' | null;
  /** Bytes that were there from an earlier attempt; all of them when the file was kept. */
  readonly keptBytes: number;
}

/**
 * The file at `address`. A kept file is given without contacting the server.
 * @throws UserError with a code that starts with `download-`, or `storage-full`; what was loaded so far is kept, unless
 * its checksum is wrong.
 */
export async function download(address: string, options: DownloadOptions): Promise<Download> {
  const { store } = options;
  const url = checkedUrl(address);
  const wanted = checkedSum(options.sha256);
  const kept = await store.find(url);
  if (kept) return await check(kept, url, { wanted, etag: null, keptBytes: kept.size }, options);
  const part = await store.begin(url);
  let arrived: { etag: string | null; keptBytes: number };
  try {
    arrived = await receive(url, part, options);
  } finally {
    await part.close();
  }
  const checked = await check(await store.part(url), url, { wanted, ...arrived }, options);
  return { ...checked, blob: await store.keep(url) };
}

async function receive(
  url: string,
  part: PartialDownload,
  { onProgress, signal }: DownloadOptions,
): Promise<{ etag: string | null; keptBytes: number }> {
  const validator = part.facts?.validator ?? null;
  let response = await ask(url, validator !== null ? part.bytes : 0, signal);
  // Another version than the one that broke off, or more bytes than the file has: all of it again.
  if (response.status === 416 || (response.status === 206 && validatorOf(response) !== validator))
    response = await ask(url, 0, signal);
  if (!response.ok) throw refused(response.status, url);
  const keptBytes = response.status === 206 ? part.bytes : 0;
  const length = Number(response.headers.get('Content-Length') ?? NaN);
  const totalBytes = Number.isFinite(length) && length > 0 ? keptBytes + length : null;
  if (keptBytes === 0) await part.restart({ url, validator: validatorOf(response), totalBytes });
  const reader = response.body?.getReader();
  for (;;) {
    const next = await reader?.read().catch((cause: unknown) => {
      throw interrupted(part.bytes, url, cause, signal);
    });
    if (!next || next.done) break;
    part.append(next.value);
    onProgress?.({ phase: 'download', doneBytes: part.bytes, totalBytes });
  }
  if (totalBytes !== null && part.bytes < totalBytes) throw interrupted(part.bytes, url, null, signal);
  return { etag: response.headers.get('ETag'), keptBytes };
}

async function ask(url: string, from: number, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(url, {
      // A range from a number on is among the headers that every server allows other pages to send.
      headers: from > 0 ? { Range: `bytes=${from}-` } : {},
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      ...(signal && { signal }),
    });
  } catch (cause) {
    if (signal?.aborted) throw interrupted(from, url, cause, signal);
    throw new UserError(
      'download-unreachable',
      `The server cannot be reached, or it does not let other pages load its files. Download the file with the browser and choose it here (${url})`,
      { url },
      { cause },
    );
  }
}

function validatorOf({ headers }: Response): string | null {
  const etag = headers.get('ETag');
  // A weak ETag promises equal meaning, not equal bytes.
  return etag !== null && !etag.startsWith('W/') ? etag : headers.get('Last-Modified');
}

/** Compares the checksum with the person's, else with an ETag that is one (Hugging Face and others do so). */
async function check(
  blob: Blob,
  url: string,
  { wanted, etag, keptBytes }: { wanted: string | null; etag: string | null; keptBytes: number },
  { store, onProgress }: DownloadOptions,
): Promise<Download> {
  const sum = await sha256Of(blob, (doneBytes) => onProgress?.({ phase: 'check', doneBytes, totalBytes: blob.size }));
  const told = /^"([0-9a-f]{64})"$/.exec(etag ?? '')?.[1] ?? null;
  const expected = wanted ?? told;
  if (expected !== null && expected !== sum) {
    await store.remove(url);
    throw new UserError(
      'download-checksum',
      `The file is not the one that was meant: its SHA-256 is ${sum} instead of ${expected}. It was removed (${url})`,
      { url, found: sum, expected },
    );
  }
  const checkedBy = wanted !== null ? 'person' : told !== null ? 'server' : null;
  return { blob, sha256: sum, checkedBy, keptBytes };
}

function checkedUrl(address: string): string {
  const url = URL.canParse(address.trim()) ? new URL(address.trim()) : null;
  const local = url?.hostname === 'localhost' || url?.hostname === '127.0.0.1';
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && local)) {
    // A name and password in an address do not belong into a list of kept files.
    if (url.username === '' && url.password === '') return url.href;
  }
  const message = `This is no address of a file: "${address.slice(0, 200)}". It begins with https:// and holds no password.`;
  throw new UserError('download-address', message, { address: address.slice(0, 200) });
}

function checkedSum(sum: string | undefined): string | null {
  const bare =
    sum
      ?.trim()
      .toLowerCase()
      .replace(/^sha256:/, '') ?? '';
  if (bare === '') return null;
  if (/^[0-9a-f]{64}$/.test(bare)) return bare;
  throw new UserError('download-sum', 'A SHA-256 has 64 digits from 0 to f. Copy it again, or leave the field empty.');
}

function refused(status: number, url: string): UserError {
  const why =
    status === 404
      ? 'There is no file at this address'
      : status === 401 || status === 403
        ? 'The server wants you to sign in: download the file with the browser and choose it here'
        : `The server answers with error ${status}; try later, or download the file with the browser and choose it here`;
  return new UserError('download-refused', `${why} (${url})`, { status, url });
}

function interrupted(bytes: number, url: string, cause: unknown, signal: AbortSignal | undefined): UserError {
  const [code, what] = signal?.aborted
    ? ['download-stopped', 'The download was stopped']
    : ['download-interrupted', 'The connection broke off'];
  const message = `${what}. ${Math.floor(bytes / 1e6)} MB are kept; ask again to go on from there (${url})`;
  return new UserError(code, message, { bytes, url }, { cause });
}
