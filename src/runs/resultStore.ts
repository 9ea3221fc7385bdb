// What Try found, in IndexedDB until the person deletes it: lists read heads, a result's body comes when it is opened.
import type { DBSchema, IDBPDatabase } from 'idb';
import { UserError } from '../errors';
import type { JudgedResult } from '../training/judging/judgedResult';

/** A result without its findings, as lists show it. */
export interface ResultHead {
  readonly resultId: string;
  readonly task: string;
  readonly name: string;
  /** Of the weights. */
  readonly by: string;
  readonly createdAt: number;
  readonly seconds: number;
  readonly whole: boolean;
}

export interface ResultStore {
  listResults(): Promise<readonly ResultHead[]>;
  getResult(resultId: string): Promise<JudgedResult | undefined>;
  putResult(result: JudgedResult): Promise<void>;
  deleteResult(resultId: string): Promise<void>;
}

interface Schema extends DBSchema {
  heads: { key: string; value: ResultHead };
  results: { key: string; value: JudgedResult };
}

let opening: Promise<IDBPDatabase<Schema>> | undefined;

/** Of this browser. Throws UserError where it keeps nothing, or has no room. */
export const resultStore: ResultStore = {
  async listResults() {
    const heads = await (await database()).getAll('heads');
    return heads.sort((a, b) => b.createdAt - a.createdAt);
  },

  async getResult(resultId) {
    return await (await database()).get('results', resultId);
  },

  async putResult(result) {
    const { resultId, task, name, by, createdAt, head, whole } = result;
    const transaction = (await database()).transaction(['heads', 'results'], 'readwrite');
    const row = { ...{ resultId, task, name, createdAt, whole }, by: by.name, seconds: head.seconds };
    try {
      await Promise.all([
        transaction.objectStore('heads').put(row),
        transaction.objectStore('results').put(result),
        transaction.done,
      ]);
    } catch (cause) {
      if (!(cause instanceof DOMException) || cause.name !== 'QuotaExceededError') throw cause;
      const message = 'The browser gives this page no more room. Delete runs that you no longer need.';
      throw new UserError('storage-full', message, {}, { cause });
    }
  },

  async deleteResult(resultId) {
    const transaction = (await database()).transaction(['heads', 'results'], 'readwrite');
    await Promise.all([
      transaction.objectStore('heads').delete(resultId),
      transaction.objectStore('results').delete(resultId),
      transaction.done,
    ]);
  },
};

async function database(): Promise<IDBPDatabase<Schema>> {
  opening ??= import('idb').then(({ openDB }) =>
    openDB<Schema>('tabtune-results', 1, {
      upgrade(fresh) {
        fresh.createObjectStore('heads', { keyPath: 'resultId' });
        fresh.createObjectStore('results', { keyPath: 'resultId' });
      },
      terminated() {
        opening = undefined;
      },
    }),
  );
  try {
    return await opening;
  } catch (cause) {
    opening = undefined;
    const message =
      'The browser does not let this page keep anything (private window or storage switched off). Training works, but nothing is kept.';
    throw new UserError('storage-unavailable', message, {}, { cause });
  }
}
