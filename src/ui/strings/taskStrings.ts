// The texts that a model's folder brings in its `strings.ts`, and what is shown where one is missing.
import type { ErrorDetail } from '../../errors';

export type LocaleTag = 'en' | 'zh-CN';

export interface Named {
  readonly label: string;
  /** One line that says what it means. */
  readonly meaning: string;
}

export interface TaskStrings {
  readonly title: string;
  readonly summary: string;
  /** What the demo makes and shows. */
  readonly demo: string;
  /** What to drop: files and how they should lie. */
  readonly files: string;
  readonly settings: Readonly<Record<string, Named>>;
  readonly choices: Readonly<Record<string, string>>;
  readonly presets: Readonly<Record<string, Named>>;
  readonly metrics: Readonly<Record<string, Named>>;
  /** Names of loss parts, baselines, counts and tables. */
  readonly names: Readonly<Record<string, string>>;
  /** Sentences for this model's own errors, data problems and notices, by code. */
  readonly errors: Readonly<Record<string, (detail: ErrorDetail) => string>>;
}

export type TaskStringsByLocale = Readonly<Record<LocaleTag, TaskStrings>>;

export function emptyTaskStrings(name: string): TaskStrings {
  return {
    title: name,
    summary: '',
    demo: '',
    files: '',
    settings: {},
    choices: {},
    presets: {},
    metrics: {},
    names: {},
    errors: {},
  };
}
