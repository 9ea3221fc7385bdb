// Run records in IndexedDB, for page and worker alike; a record's steps lie beside it in chunks, so a save writes only what is new.
import type { DBSchema, IDBPDatabase } from 'idb';
import { UserError } from '../errors';
import type { Moment, RunRecord } from '../training/protocol';
import { opfsCheckpoints } from './opfsCheckpoints';
import { chunksOf, marksOf, type StepChunk } from './stepChunks';
import { announceRuns, whileIdle } from './trainLock';

/** A run without its steps, as lists show it. */
export interface RunHead extends Omit<RunRecord, 'steps'> {
  /** Step of the newest checkpoint file, from which the run would go on; null where there is none. */
  readonly checkpointStep: number | null;
}

/** What a run's view drew, by moment. */
export type KeptViews = Readonly<Partial<Record<Moment, unknown>>>;

/** What a training session needs of the store. */
export interface RunKeeper {
  getRun(runId: string): Promise<RunRecord | undefined>;
  putRun(record: RunRecord): Promise<void>;
  /** Keeps the latest of each moment. */
  putView(runId: string, moment: Moment, payload: unknown): Promise<void>;
}

/** A head as stored; `marks` tell the chunks that are stored from those that changed. */
interface StoredHead extends Omit<RunRecord, 'steps'> {
  readonly marks: readonly string[];
}

interface Schema extends DBSchema {
  heads: { key: string; value: StoredHead; indexes: { updatedAt: number } };
  steps: { key: [string, number]; value: StepChunk };
  views: { key: [string, Moment]; value: { runId: string; moment: Moment; payload: unknown } };
}

const databaseName = 'tabtune-runs';
let opening: Promise<IDBPDatabase<Schema>> | undefined;

/** All runs, newest first, without their steps. */
export async function listRuns(): Promise<RunHead[]> {
  const heads = await withDatabase((database) => database.getAllFromIndex('heads', 'updatedAt'));
  return await Promise.all(
    heads.reverse().map(async (head) => {
      // Whatever the record says: a tab may have been closed between the one and the other.
      const [newest] = await opfsCheckpoints.list(head.runId).catch(() => []);
      return { ...withoutMarks(head), checkpointStep: newest?.step ?? null };
    }),
  );
}

/** One run with all its steps. */
export async function getRun(runId: string): Promise<RunRecord | undefined> {
  return await withDatabase(async (database) => {
    const transaction = database.transaction(['heads', 'steps']);
    const head = await transaction.objectStore('heads').get(runId);
    if (!head) return undefined;
    const chunks = await transaction.objectStore('steps').getAll(chunkRange(runId));
    return { ...withoutMarks(head), steps: chunks.flatMap((chunk) => chunk.records) };
  });
}

/**
 * Saves a run; of its steps only the chunks that differ from the stored ones are written.
 * The name of a run that is already stored stays as it is: `renameRun` alone changes it, so that a run
 * under way does not undo a renaming.
 */
export async function putRun(record: RunRecord): Promise<void> {
  const { steps, ...head } = record;
  const marks = marksOf(steps);
  await withDatabase(async (database) => {
    const transaction = database.transaction(['heads', 'steps'], 'readwrite');
    const heads = transaction.objectStore('heads');
    const stored = await heads.get(record.runId);
    const storedMarks = stored?.marks ?? [];
    const chunks = transaction.objectStore('steps');
    const writes: Promise<unknown>[] = [heads.put({ ...head, name: stored?.name ?? head.name, marks })];
    for (const chunk of chunksOf(record.runId, steps))
      if (storedMarks[chunk.chunk] !== marks[chunk.chunk]) writes.push(chunks.put(chunk));
    if (storedMarks.length > marks.length) writes.push(chunks.delete(chunkRange(record.runId, marks.length)));
    await Promise.all([...writes, transaction.done]);
  });
  announceRuns();
}

/** Keeps what a run's view drew last at a moment. */
export async function putView(runId: string, moment: Moment, payload: unknown): Promise<void> {
  await withDatabase((database) => database.put('views', { runId, moment, payload }));
}

/** What a run's view drew; empty where nothing was kept. */
export async function getViews(runId: string): Promise<KeptViews> {
  const kept = await withDatabase((database) => database.getAll('views', viewRange(runId)));
  return Object.fromEntries(kept.map(({ moment, payload }) => [moment, payload]));
}

/** Gives a run another name; does nothing when the run is gone. */
export async function renameRun(runId: string, name: string): Promise<void> {
  await withDatabase(async (database) => {
    const transaction = database.transaction('heads', 'readwrite');
    const head = await transaction.store.get(runId);
    if (head) await transaction.store.put({ ...head, name });
    await transaction.done;
  });
}

/** Deletes a run's record, steps, views and checkpoints. Throws UserError `run-live` while some tab trains it. */
export async function deleteRun(runId: string): Promise<void> {
  await whileIdle(runId, async () => {
    await withDatabase(async (database) => {
      const transaction = database.transaction(['heads', 'steps', 'views'], 'readwrite');
      await Promise.all([
        transaction.objectStore('heads').delete(runId),
        transaction.objectStore('steps').delete(chunkRange(runId)),
        transaction.objectStore('views').delete(viewRange(runId)),
        transaction.done,
      ]);
    });
    await opfsCheckpoints.removeRun(runId);
  });
  announceRuns();
}

function viewRange(runId: string): IDBKeyRange {
  return IDBKeyRange.bound([runId], [runId, []]);
}

function chunkRange(runId: string, from = 0): IDBKeyRange {
  return IDBKeyRange.bound([runId, from], [runId, Infinity]);
}

function withoutMarks({ marks: _marks, ...head }: StoredHead): Omit<RunRecord, 'steps'> {
  return head;
}

async function withDatabase<T>(work: (database: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
  try {
    return await work(await database());
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'QuotaExceededError')
      throw new UserError(
        'storage-full',
        'The browser gives this page no more room. Delete runs that you no longer need.',
        {},
        { cause },
      );
    throw cause;
  }
}

async function database(): Promise<IDBPDatabase<Schema>> {
  opening ??= import('idb').then(({ openDB }) =>
    openDB<Schema>(databaseName, 2, {
      upgrade(fresh, former) {
        if (former < 1) {
          fresh.createObjectStore('heads', { keyPath: 'runId' }).createIndex('updatedAt', 'updatedAt');
          fresh.createObjectStore('steps', { keyPath: ['runId', 'chunk'] });
        }
        fresh.createObjectStore('views', { keyPath: ['runId', 'moment'] });
      },
      // Another tab wants to upgrade or delete the database: let go, and open anew at the next call.
      blocking(_current, _blocked, event) {
        opening = undefined;
        (event.target as IDBDatabase).close();
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
    throw new UserError(
      'storage-unavailable',
      'The browser does not let this page keep anything (private window or storage switched off). Training works, but nothing is kept.',
      {},
      { cause },
    );
  }
}
