// Weights from an address that the person types: the download under way, and those that are kept.
import type { DownloadProgress } from '../../runs/download';
import type { DownloadApi } from '../../runs/downloadApi';
import type { DataFile } from '../../formats/dataFile';
import type { ErrorReport } from '../../training/protocol';
import { observeError, reportOf } from './errorReports';

export interface KeptDownload {
  readonly url: string;
  readonly bytes: number;
  /** False for one that was stopped or broke off. */
  readonly whole: boolean;
}

export class Downloads {
  readonly #api: DownloadApi;
  readonly #now: () => number;
  address = $state('');
  sha256 = $state('');
  #kept = $state.raw<readonly KeptDownload[]>([]);
  #busy = $state(false);
  #progress = $state.raw<DownloadProgress | null>(null);
  #secondsLeft = $state(NaN);
  #error = $state.raw<ErrorReport | null>(null);
  /** Where the rate is measured from: bytes of an earlier attempt came at no time. */
  #first: { readonly at: number; readonly bytes: number } | null = null;

  constructor(api: DownloadApi, now: () => number = () => performance.now()) {
    this.#api = api;
    this.#now = now;
  }

  get kept(): readonly KeptDownload[] {
    return this.#kept;
  }
  get busy(): boolean {
    return this.#busy;
  }
  get progress(): DownloadProgress | null {
    return this.#progress;
  }
  /** NaN while nothing can be said. */
  get secondsLeft(): number {
    return this.#secondsLeft;
  }
  get error(): ErrorReport | null {
    return this.#error;
  }

  /** Reads what is kept; asks no server. */
  async refresh(): Promise<void> {
    await this.#guard(async () => {
      this.#kept = await this.#api.list();
    });
  }

  /** Gets the typed address, going on where an earlier attempt ended; null when it failed or was stopped. */
  start(): Promise<DataFile | null> {
    return this.fetch(this.address, this.sha256);
  }

  /** The same for an address and checksum that the person agreed to by a button. */
  async fetch(address: string, sha256: string): Promise<DataFile | null> {
    if (this.#busy) return null;
    let file: DataFile | null = null;
    this.#busy = true;
    await this.#guard(async () => {
      const { blob } = await this.#api.download(address, sha256, (progress) => this.#follow(progress));
      file = { path: fileNameOf(address), blob };
    });
    const failure = this.#error;
    this.#busy = false;
    this.#progress = null;
    await this.refresh();
    this.#error ??= failure;
    return file;
  }

  /** Goes on with a kept address, or takes the whole file without asking its server. */
  resume(url: string): Promise<DataFile | null> {
    // A checksum that was typed for another address says nothing about this one.
    if (!isSameAddress(this.address, url)) this.sha256 = '';
    this.address = url;
    return this.start();
  }

  async stop(): Promise<void> {
    await this.#api.stop();
  }

  async remove(url: string): Promise<void> {
    await this.#guard(() => this.#api.remove(url));
    if (this.#error === null) await this.refresh();
  }

  #follow(progress: DownloadProgress): void {
    const { phase, doneBytes, totalBytes } = progress;
    const now = this.#now();
    if (this.#progress?.phase !== phase) this.#first = { at: now, bytes: doneBytes };
    this.#progress = progress;
    const seconds = (now - this.#first!.at) / 1000;
    const rate = (doneBytes - this.#first!.bytes) / seconds;
    this.#secondsLeft = totalBytes !== null && rate > 0 ? (totalBytes - doneBytes) / rate : NaN;
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    this.#error = null;
    try {
      await work();
    } catch (thrown) {
      this.#error = reportOf(thrown);
      observeError(this.#error);
    }
  }
}

function isSameAddress(typed: string, url: string): boolean {
  return URL.canParse(typed.trim()) && new URL(typed.trim()).href === url;
}

/** The last part of an address's path, as its file is called. */
export function fileNameOf(address: string): string {
  const { pathname, hostname } = new URL(address.trim());
  const name = pathname.slice(pathname.lastIndexOf('/') + 1);
  try {
    return decodeURIComponent(name) || hostname;
  } catch {
    // A lone % is no escape.
    return name;
  }
}
