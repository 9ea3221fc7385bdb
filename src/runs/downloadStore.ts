// What a place that keeps downloaded files can do; a download that broke off goes on from what is there.

/** What is known of the file at an address. */
export interface DownloadFacts {
  readonly url: string;
  /** ETag or date by which the server tells versions apart; null when the page may not see either. */
  readonly validator: string | null;
  /** Size of the whole file, where the server says it. */
  readonly totalBytes: number | null;
}

/** A download under way; one at a time for an address. */
export interface PartialDownload {
  /** What an earlier attempt learned; null for a first one. */
  readonly facts: DownloadFacts | null;
  readonly bytes: number;
  /** Forgets the bytes that are there. */
  restart(facts: DownloadFacts): Promise<void>;
  /** @throws UserError `storage-full` */
  append(chunk: Uint8Array): void;
  /** Lets go of the file, which stays for another attempt; called more than once it does nothing. */
  close(): Promise<void>;
}

export interface DownloadStore {
  /** The whole file, when it is kept. */
  find(url: string): Promise<Blob | null>;
  /** @throws UserError `download-elsewhere` when another tab loads the same file. */
  begin(url: string): Promise<PartialDownload>;
  /** The bytes of a closed partial download. */
  part(url: string): Promise<Blob>;
  /** Makes the partial download the whole file. */
  keep(url: string): Promise<Blob>;
  remove(url: string): Promise<void>;
  /** All kept files, for the person to see and remove. */
  list(): Promise<readonly { readonly url: string; readonly bytes: number; readonly whole: boolean }[]>;
}
