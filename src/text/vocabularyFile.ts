// CLIP's vocabulary as a file: how it is known among others, and where a person may have it fetched from.
import type { ErrorDetail } from '../errors';
import type { DataFile } from '../formats/dataFile';

/** OpenAI's own copy; open_clip's, FG-CLIP's and VadCLIP's are the same bytes. It is MIT-licensed. */
export const vocabularySource = {
  address: 'https://raw.githubusercontent.com/openai/CLIP/main/clip/bpe_simple_vocab_16e6.txt.gz',
  sha256: '924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a',
  bytes: 1_356_917,
} as const;

/** What findings and errors say in their detail where the vocabulary would mend them. */
export const wantsVocabulary: ErrorDetail = { wants: 'clip-vocabulary' };

/** Whether CLIP's vocabulary among the files would mend this. */
export function isMendedByVocabulary({ detail }: { readonly detail: ErrorDetail }): boolean {
  return detail['wants'] === wantsVocabulary['wants'];
}

/** Whether a file is CLIP's vocabulary, packed or not, by its name. */
export function isVocabulary({ path }: Pick<DataFile, 'path'>): boolean {
  return /(^|\/)bpe_simple_vocab[^/]*\.(txt|gz)$/i.test(path);
}
