// The tokenizer that a person's files allow: CLIP's where its vocabulary is among them, else one that spells.
import type { DataFile } from '../formats/dataFile';
import { ClipTokenizer } from './clipTokenizer';
import { isVocabulary } from './vocabularyFile';

export interface ChosenTokenizer {
  readonly tokenizer: ClipTokenizer;
  /** CLIP's own: published text towers understand no other. */
  readonly clip: boolean;
}

/** Looks for `bpe_simple_vocab_16e6.txt.gz`, packed or not, in any folder. Throws UserError `clip-vocabulary`. */
export async function chosenTokenizer(files: readonly DataFile[]): Promise<ChosenTokenizer> {
  const file = files.find(isVocabulary);
  if (!file) return { tokenizer: ClipTokenizer.ofBytes(), clip: false };
  const bytes = new Uint8Array(await file.blob.arrayBuffer());
  return { tokenizer: ClipTokenizer.fromVocabulary(bytes), clip: true };
}
