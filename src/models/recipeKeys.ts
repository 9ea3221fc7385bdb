// How a recipe in another program's keys is read into a task's settings and written back; a model's recipe.ts exports one.
import type { Settings, SettingValue } from './settings';
import type { Remark } from './task';

export type RecipeValue = SettingValue | null | readonly (SettingValue | null)[];

/** What a key's value comes to: values of settings, and what a person should know of it. */
export interface RecipeReading {
  readonly settings: Settings;
  readonly note?: Remark;
}

export interface RecipeKey {
  /** Dotted where it is nested: `lr_scheduler.type`. */
  readonly key: string;
  /** Other names of the same. */
  readonly also?: readonly string[];
  /** Stands for all keys below it too. */
  readonly below?: boolean;
  /** Settings that `write` tells in full. */
  readonly covers: readonly string[];
  /** Values that it may have, where they are few. */
  readonly accepts?: readonly string[];
  /** Null for a value that it cannot have; numbers out of range are found later. */
  read(value: RecipeValue): RecipeReading | null;
  /** The value that stands for these settings; undefined leaves the key out. */
  write?(settings: Settings): RecipeValue | undefined;
}

/** Where two keys mean the same setting, the later one counts. */
export type Recipe = readonly RecipeKey[];

type Extra = Partial<Pick<RecipeKey, 'also'>> & { readonly note?: Remark };

const noted = (note?: Remark): { note?: Remark } => (note ? { note } : {});

/** `none`, `off`, `false` or nothing at all. */
export function isNone(value: RecipeValue): boolean {
  return value === null || value === false || (typeof value === 'string' && /^(none|null|off|no)$/i.test(value.trim()));
}

/** A key whose value is a setting's; `none` stands for `otherwise`, where that is given. */
export function same(
  key: string,
  setting: string,
  { otherwise, ...extra }: Extra & { otherwise?: number } = {},
): RecipeKey {
  return {
    key,
    ...(extra.also && { also: extra.also }),
    covers: [setting],
    read(value) {
      if (otherwise !== undefined && isNone(value)) return { settings: { [setting]: otherwise }, ...noted(extra.note) };
      if (value === null || typeof value === 'object') return null;
      return { settings: { [setting]: value }, ...noted(extra.note) };
    },
    write: (settings) => settings[setting],
  };
}

/** A key whose words, in any case, stand for words of a setting; the first of several is what is written. */
export function words(
  key: string,
  setting: string,
  meanings: Readonly<Record<string, SettingValue>>,
  extra: Extra = {},
): RecipeKey {
  const known = new Map(Object.entries(meanings).map(([word, meaning]) => [word.toLowerCase(), meaning]));
  return {
    key,
    ...(extra.also && { also: extra.also }),
    covers: [setting],
    accepts: Object.keys(meanings),
    read(value) {
      const meaning = known.get(isNone(value) && known.has('none') ? 'none' : String(value).toLowerCase());
      return meaning === undefined ? null : { settings: { [setting]: meaning }, ...noted(extra.note) };
    },
    write: (settings) => Object.keys(meanings).find((word) => meanings[word] === settings[setting]),
  };
}

/** Keys that are known and set nothing here, whatever their value, and why. */
export function withoutSetting(keys: readonly [string, ...string[]], note: Remark): RecipeKey {
  const [key, ...also] = keys;
  return { key, also, below: true, covers: [], read: () => ({ settings: {}, note }) };
}

/** A key that may only have the value that holds here anyway. */
export function always(key: string, value: string): RecipeKey {
  return {
    key,
    covers: [],
    accepts: [value],
    read: (found) => (String(found).toLowerCase() === value ? { settings: {} } : null),
    write: () => value,
  };
}
