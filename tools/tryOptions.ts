// The command line of `npm run try`.
import { pair, readArguments, UsageError } from './commandLine';

export interface TryOptions {
  readonly task: string | undefined;
  readonly weights: string;
  readonly preset: string | undefined;
  /** File of class names, and of CLIP's vocabulary. */
  readonly classes: string | undefined;
  readonly vocabulary: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly json: string | undefined;
  readonly exports: string | undefined;
  readonly headed: boolean;
  readonly help: boolean;
  readonly files: readonly string[];
}

export const usage = `usage: npm run try -- --weights FILE [option...] FILES...
  --weights FILE     what judges: .safetensors, .pth or .npz
  --task NAME        what the weights must be of
  --preset NAME      for weights that do not say what they are
  --classes FILE     their class names, one a line
  --vocabulary FILE  bpe_simple_vocab_16e6.txt.gz, where texts are read by it
  --set key=value    a setting, as often as you like
  --json FILE        write all results as JSON
  --export DIR       write every file that a result can leave as, and videos with everything drawn on them
  --headed           show the browser even where no display is found
  --help             only show this
Files that belong together (a video and its key points) are given together. The exit status is 0 where all were judged.`;

/** Throws UsageError. */
export function readTryOptions(args: readonly string[]): TryOptions {
  const { values, positionals } = readArguments(
    args,
    usage,
    {
      task: { type: 'string' },
      weights: { type: 'string' },
      preset: { type: 'string' },
      classes: { type: 'string' },
      vocabulary: { type: 'string' },
      set: { type: 'string', multiple: true, default: [] },
      json: { type: 'string' },
      export: { type: 'string' },
      headed: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    'names',
  );
  const { task, weights, preset, classes, vocabulary, set, json, headed, help } = values;
  if (!help && weights === undefined) throw new UsageError(`--weights is missing.\n${usage}`);
  if (!help && positionals.length === 0) throw new UsageError(`There is no file to judge.\n${usage}`);
  const settings = Object.fromEntries(set.map((text) => pair('--set', text)));
  return {
    ...{
      task,
      weights: weights ?? '',
      preset,
      classes,
      vocabulary,
      settings,
      json,
      exports: values.export,
      headed,
      help,
    },
    files: positionals,
  };
}
