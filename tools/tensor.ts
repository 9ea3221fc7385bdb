// `npm run tensor`: what is in a file of weights: names, types, shapes, first values.
import { openAsBlob } from 'node:fs';
import { UserError } from '../src/errors';
import { openWeights, type WeightSource } from '../src/formats/openWeights';
import { floatValues, isFloat, type StoredTensor } from '../src/formats/storedTensor';
import { exitStatus, numberIn, readArguments, UsageError } from './commandLine';

const usage = `usage: npm run tensor -- FILE... [option...]     several files: the parts of a model with their list
  --only TEXT        tensors whose name holds this
  --values N         first values to show (default 4)
  --help             only show this`;

export function main(args: readonly string[], print: (line: string) => void = console.log): Promise<number> {
  return exitStatus(() => list(args, print));
}

async function list(args: readonly string[], print: (line: string) => void): Promise<number> {
  const options = {
    only: { type: 'string', default: '' },
    values: { type: 'string', default: '4' },
    help: { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = readArguments(args, usage, options, 'names');
  if (values.help) {
    print(usage);
    return 0;
  }
  if (positionals.length === 0) throw new UsageError(usage);
  const count = numberIn('--values', values.values, { least: 0, whole: true });
  try {
    const files = await Promise.all(positionals.map(async (path) => ({ path, blob: await openAsBlob(path) })));
    await describe(await openWeights(files), values.only, count, print);
    return 0;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    print(error.message);
    return 1;
  }
}

async function describe(
  source: WeightSource,
  only: string,
  count: number,
  print: (line: string) => void,
): Promise<void> {
  const { path, format, tensors, bytes, metadata, passedOver } = source;
  print(`${path}: ${format}, ${tensors.length} tensors, ${bytes} bytes`);
  for (const [key, text] of Object.entries(metadata)) print(`  ${key}: ${text.slice(0, 200)}`);
  if (passedOver.length > 0) print(`  passed over: ${passedOver.join(', ')}`);
  const lines: string[][] = [];
  for (const tensor of tensors) {
    const name = tensor.group === '' ? tensor.name : `${tensor.group} > ${tensor.name}`;
    if (!name.includes(only)) continue;
    const first = count > 0 ? firstValues(await tensor.read(), count) : '';
    lines.push([name, tensor.dtype, `[${tensor.shape.join(', ')}]`, first]);
  }
  const widths = [0, 1, 2].map((column) => Math.max(0, ...lines.map((line) => line[column]!.length)));
  for (const line of lines)
    print(
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}

function firstValues(tensor: StoredTensor, count: number): string {
  const values = isFloat(tensor.dtype) ? Array.from(floatValues(tensor).subarray(0, count), shown) : [];
  if (!isFloat(tensor.dtype)) for (const value of tensor.data.slice(0, count)) values.push(String(value));
  return values.join(' ') + (tensor.data.length > count ? ' …' : '');
}

/** Enough digits to tell values apart. */
function shown(value: number): string {
  return value === 0 ? '0' : value.toPrecision(6).replace(/\.?0+(e|$)/, '$1');
}
