// What all tools share of their command lines: options by parseArgs, one kind of complaint, pairs and numbers.
import { parseArgs, type ParseArgsConfig } from 'node:util';

type Parsed<Options extends NonNullable<ParseArgsConfig['options']>> = ReturnType<
  typeof parseArgs<{ args: string[]; options: Options; allowPositionals: true; strict: true }>
>;

/** A wrong command line; the message is all that a person needs. */
export class UsageError extends Error {}

/**
 * The options and names on a command line. Throws UsageError with the usage text for what is unknown, lacks its value
 * or, where the tool takes none, is a name.
 */
export function readArguments<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  usage: string,
  options: Options,
  names: 'names' | 'no names' = 'no names',
): Parsed<Options> {
  try {
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    if (names === 'no names' && parsed.positionals[0] !== undefined)
      throw new Error(`Unknown option '${parsed.positionals[0]}'`);
    return parsed;
  } catch (error) {
    // The hint on `--` that follows the first sentence is for file names that begin with a dash.
    const [sentence] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/);
    throw new UsageError(`${sentence!.replace(/\.$/, '')}.\n${usage}`);
  }
}

/** Runs a tool to its exit status: 2 after a wrong command line, 1 after another complaint. */
export async function exitStatus(work: () => Promise<number> | number): Promise<number> {
  try {
    return await work();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return error instanceof UsageError ? 2 : 1;
  }
}

/** `key=value` of an option that may come often. */
export function pair(option: string, text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`${option} wants key=value, not ${text}.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

/** A number within bounds, as typed for an option. */
export function numberIn(
  option: string,
  text: string,
  { least, most = Infinity, whole = false }: { least: number; most?: number; whole?: boolean },
): number {
  const value = Number(text);
  const fits = text.trim() !== '' && Number.isFinite(value) && value >= least && value <= most;
  if (fits && (!whole || Number.isInteger(value))) return value;
  const range = most === Infinity ? `${least} up` : `${least} to ${most}`;
  throw new UsageError(`${option} wants a ${whole ? 'whole ' : ''}number from ${range}, not ${text}.`);
}
