// What a run is asked for, as plain values by key.
/** A value that one setting can take. */
export type SettingValue = number | string | boolean | readonly string[];
export type Settings = Readonly<Record<string, SettingValue>>;
