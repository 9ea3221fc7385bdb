// What tuning found, in IndexedDB under the adapter's name: the next run of the same shapes is compiled at once.
import { openDB, type DBSchema } from 'idb';
import type { TuningStore, Winners } from '../engine/device/tuning';

interface Schema extends DBSchema {
  winners: { key: string; value: Winners };
}

const databaseName = 'tabtune-tuning';

function open() {
  return openDB<Schema>(databaseName, 1, { upgrade: (database) => void database.createObjectStore('winners') });
}

/** Winners in this browser. Rejects where storage is not allowed; tuning then does without. */
export const tuningStore: TuningStore = {
  async read(adapter) {
    const database = await open();
    try {
      return (await database.get('winners', adapter)) ?? new Map<string, string>();
    } finally {
      database.close();
    }
  },
  async write(adapter, winners) {
    const database = await open();
    try {
      await database.put('winners', new Map(winners), adapter);
    } finally {
      database.close();
    }
  },
};
