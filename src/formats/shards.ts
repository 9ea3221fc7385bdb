// The index of a model that is saved in parts: which tensor lies in which file.
// Format: https://huggingface.co/docs/safetensors, `weight_map` of *.index.json.
import * as v from 'valibot';
import { UserError } from '../errors';
import { decodeText } from './text';

const schema = v.object({ weight_map: v.record(v.string(), v.string()) });
const mostBytes = 20_000_000;

/**
 * File name by tensor name.
 * @throws UserError `weights-index` when it is no such index, `weights-index-path` when it names a file outside of its folder.
 */
export async function readShardIndex(index: { path: string; blob: Blob }): Promise<ReadonlyMap<string, string>> {
  const { path, blob } = index;
  return parseShardIndex(blob.size > mostBytes ? '' : decodeText(new Uint8Array(await blob.arrayBuffer())).text, path);
}

/** As `readShardIndex`, from the index's text. */
export function parseShardIndex(text: string, path: string): ReadonlyMap<string, string> {
  let parsed: v.InferOutput<typeof schema>;
  try {
    parsed = v.parse(schema, JSON.parse(text));
  } catch (cause) {
    const message = `This list of parts is damaged: it has no weight_map. Download it again (${path})`;
    throw new UserError('weights-index', message, { path }, { cause });
  }
  const owners = new Map(Object.entries(parsed.weight_map));
  for (const file of owners.values())
    if (/[\\/\0]|^\.\.?$|^[a-z]:/i.test(file) || file === '')
      throw new UserError(
        'weights-index-path',
        `The list names a part outside of its own folder: "${file.slice(0, 80)}". Do not trust it (${path})`,
        { file: file.slice(0, 80), path },
      );
  return owners;
}

/** @throws UserError `weights-parts-missing` when anything is missing. */
export function refuseMissing(missing: readonly string[], path: string): void {
  if (missing.length === 0) return;
  const shown = missing.slice(0, 5).join(', ') + (missing.length > 5 ? ', …' : '');
  throw new UserError(
    'weights-parts-missing',
    `Parts of the model are missing: ${shown}. Choose them together with the list (${path})`,
    { missing: missing.length, shown, path },
  );
}
