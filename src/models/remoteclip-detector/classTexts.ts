// What is known of the classes beside their names: tokens by a vocabulary, or features from a file, both given by the person.
import { UserError } from '../../errors';
import type { DataFile } from '../../formats/dataFile';
import { openWeights } from '../../formats/openWeights';
import { floatValues } from '../../formats/storedTensor';
import { ClipTokenizer } from '../../text/clipTokenizer';
import { isVocabulary, wantsVocabulary } from '../../text/vocabularyFile';

const isFeatures = ({ path }: DataFile): boolean => /\.safetensors$/i.test(path);

/** Dropped files that tell of classes. */
export function classFilesOf(files: readonly DataFile[]): DataFile[] {
  return files.filter((file) => isVocabulary(file) || isFeatures(file));
}

/** Dropped files without those. */
export function withoutClassFiles(files: readonly DataFile[]): DataFile[] {
  return files.filter((file) => !isVocabulary(file) && !isFeatures(file));
}

/** DIOR's names as words, which the template wants; other names stay as they are. */
const spaced: Readonly<Record<string, string>> = {
  baseballfield: 'baseball field',
  basketballcourt: 'basketball court',
  'expressway-service-area': 'expressway service area',
  'expressway-toll-station': 'expressway toll station',
  golffield: 'golf course',
  groundtrackfield: 'ground track field',
  storagetank: 'storage tank',
  tenniscourt: 'tennis court',
  trainstation: 'train station',
  windmill: 'wind mill',
};

/** The text that stands for a class: its bare name, or its words where a template is given. */
export function promptOf(name: string, template: string): string {
  if (template.trim() === '{}' || template.trim() === '') return name;
  return template.replace('{}', spaced[name.toLowerCase()] ?? name);
}

/**
 * Token ids of the classes' texts, one list of equal length per class, cut behind the longest text.
 * @throws UserError `remoteclip-detector-vocabulary` where no vocabulary was dropped, `clip-vocabulary` where it is none.
 */
export async function classTokens(
  files: readonly DataFile[],
  classes: readonly string[],
  template: string,
): Promise<number[][]> {
  const file = files.find(isVocabulary);
  if (!file)
    throw new UserError(
      'remoteclip-detector-vocabulary',
      "Class features from texts need CLIP's vocabulary: put bpe_simple_vocab_16e6.txt.gz (from OpenAI's CLIP or open_clip) into the folder, or let class features be learned.",
      wantsVocabulary,
    );
  const tokenizer = ClipTokenizer.fromVocabulary(new Uint8Array(await file.blob.arrayBuffer()));
  const texts = classes.map((name) => promptOf(name, template));
  const length = Math.min(77, 2 + Math.max(...texts.map((text) => tokenizer.encode(text).length)));
  const { ids } = tokenizer.sequences(texts, length);
  return classes.map((_, k) => Array.from(ids.subarray(k * length, (k + 1) * length)));
}

export interface GivenFeatures {
  /** [classes, features]. */
  readonly values: Float32Array;
  readonly features: number;
}

/**
 * Features of the classes from a .safetensors file that holds a vector under each class's name, in any case.
 * @throws UserError `remoteclip-detector-class-features` where the file, or a class in it, is missing.
 */
export async function givenFeatures(files: readonly DataFile[], classes: readonly string[]): Promise<GivenFeatures> {
  const refuse = (what: string, path = ''): UserError =>
    new UserError(
      'remoteclip-detector-class-features',
      `${what}. Put a .safetensors file into the folder that holds one vector of equal length under the name of each class${path && ` (${path})`}`,
      { path },
    );
  const file = files.find(isFeatures);
  if (!file) throw refuse('No file of class features is among the files');
  const { tensors } = await openWeights([file]);
  const byName = new Map(tensors.map((tensor) => [folded(tensor.name), tensor]));
  const vectors: Float32Array[] = [];
  for (const name of classes) {
    const tensor = byName.get(folded(name));
    if (!tensor) throw refuse(`The file has no features of the class "${name}"`, file.path);
    vectors.push(floatValues(await tensor.read()));
  }
  const features = vectors[0]?.length ?? 0;
  if (vectors.some(({ length }) => length !== features)) throw refuse('Class features differ in length', file.path);
  return { values: Float32Array.from(vectors.flatMap((vector) => Array.from(vector))), features };
}

/** Names count as equal in any case, with spaces, hyphens or neither. */
function folded(name: string): string {
  return name.toLowerCase().replace(/[\s_-]+/g, '');
}
