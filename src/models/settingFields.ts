// Declares settings: one line gives the check, the form field, the command-line option and the URL key.
import * as v from 'valibot';
import type { Setting } from './task';

interface Common {
  readonly primary?: boolean;
  readonly shownWhenSet?: boolean;
  readonly midRun?: boolean;
  readonly unit?: string;
  readonly data?: boolean;
}
interface Bounds extends Common {
  readonly minimum: number;
  readonly maximum: number;
  readonly step?: number;
}

type Group = Setting['group'];

type CommonFacts = Pick<Setting, 'primary' | 'shownWhenSet' | 'midRun' | 'unit' | 'data'>;

const common = ({ primary = false, shownWhenSet, midRun = false, unit, data }: Common): CommonFacts => ({
  primary,
  midRun,
  ...(shownWhenSet === true && { shownWhenSet }),
  ...(unit !== undefined && { unit }),
  ...(data !== undefined && { data }),
});

/** A whole number between two bounds. */
export function integer(group: Group, key: string, value: number, options: Bounds): Setting {
  const { minimum, maximum, step = 1 } = options;
  const schema = v.pipe(v.number(), v.integer(), v.minValue(minimum), v.maxValue(maximum));
  return { key, group, schema, default: value, kind: 'integer', minimum, maximum, step, ...common(options) };
}

/** A number between two bounds. */
export function number(group: Group, key: string, value: number, options: Bounds): Setting {
  const { minimum, maximum, step } = options;
  const schema = v.pipe(v.number(), v.finite(), v.minValue(minimum), v.maxValue(maximum));
  return {
    key,
    group,
    schema,
    default: value,
    kind: 'number',
    minimum,
    maximum,
    ...(step !== undefined && { step }),
    ...common(options),
  };
}

/** One of several words; the first is the default. */
export function choice(
  group: Group,
  key: string,
  choices: readonly [string, ...string[]],
  options: Common = {},
): Setting {
  return { key, group, schema: v.picklist(choices), default: choices[0], kind: 'choice', choices, ...common(options) };
}

/** On or off. */
export function toggle(group: Group, key: string, value: boolean, options: Common = {}): Setting {
  return { key, group, schema: v.boolean(), default: value, kind: 'switch', ...common(options) };
}

/** Free text of at most `most` characters. */
export function text(
  group: Group,
  key: string,
  value: string,
  options: Common & { readonly most?: number } = {},
): Setting {
  const schema = v.pipe(v.string(), v.maxLength(options.most ?? 1000));
  return { key, group, schema, default: value, kind: 'text', ...common(options) };
}

/** A list of texts, none of them empty or there twice; `least` and `most` are numbers of texts. */
export function texts(
  group: Group,
  key: string,
  value: readonly string[],
  options: Common & { readonly least?: number; readonly most?: number } = {},
): Setting {
  const one = v.pipe(v.string(), v.trim(), v.nonEmpty(), v.maxLength(1000));
  const distinct = v.check<string[], string>((list) => new Set(list).size === list.length, 'twice');
  const schema = v.pipe(v.array(one), v.minLength(options.least ?? 0), v.maxLength(options.most ?? 1000), distinct);
  return { key, group, schema, default: value, kind: 'texts', ...common(options) };
}
