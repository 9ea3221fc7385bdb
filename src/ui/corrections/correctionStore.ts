// Keeps corrections between visits, as text in localStorage.
import { isList, isRecord } from '../../formats/json';
import type { Corrected, Mark } from './marks';

export interface CorrectionStore<M extends Mark> {
  read(): ReadonlyMap<string, Corrected<M>>;
  /** False where there is no room, or nothing may be kept. */
  write(all: ReadonlyMap<string, Corrected<M>>): boolean;
}

/** What `localStorage` has, as far as it is needed here. */
export type TextStore = Pick<Storage, 'getItem' | 'setItem'>;

/** `isMark` says whether what was kept is a mark that this version knows; what is not is left out. */
export function keptCorrections<M extends Mark>(
  task: string,
  isMark: (value: unknown) => value is M,
  texts: () => TextStore = () => localStorage,
): CorrectionStore<M> {
  const key = `tabtune.corrections.${task}`;
  const marksOf = (value: unknown): M[] => (isList(value) ? value.filter(isMark) : []);
  return {
    read() {
      try {
        const kept: unknown = JSON.parse(texts().getItem(key) ?? '{}');
        return new Map(
          Object.entries(isRecord(kept) ? kept : {}).flatMap(([name, value]) => {
            if (!isRecord(value)) return [];
            const use = value['use'] === 'validation' ? 'validation' : 'training';
            return [[name, { marks: marksOf(value['marks']), dismissed: marksOf(value['dismissed']), use }] as const];
          }),
        );
      } catch {
        // Storage may be blocked, and its text may be another program's.
        return new Map();
      }
    },
    write(all) {
      try {
        texts().setItem(key, JSON.stringify(Object.fromEntries(all)));
        return true;
      } catch {
        return false;
      }
    },
  };
}
