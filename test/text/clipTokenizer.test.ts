// CLIP's tokenizer beside its recorded ids: files that are no vocabulary, what is cut.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cleanText } from '../../src/text/cleanText';
import { ClipTokenizer, END_TOKEN, START_TOKEN } from '../../src/text/clipTokenizer';
import { vocabularySource } from '../../src/text/vocabularyFile';
import { sharedData } from '../helpers/golden';

const data = sharedData('clip');

describe.skipIf(!data)('sequences (skipped without ../shared/data/clip)', () => {
  it('has the vocabulary that a person may fetch', () => {
    const file = readFileSync(join(data!, 'bpe_simple_vocab_16e6.txt.gz'));
    expect(createHash('sha256').update(file).digest('hex')).toBe(vocabularySource.sha256);
    expect(file.length).toBe(vocabularySource.bytes);
  });

  it('says which texts were cut and keeps the end token', () => {
    const file = readFileSync(join(data!, 'bpe_simple_vocab_16e6.txt.gz'));
    const { ids, cut } = ClipTokenizer.fromVocabulary(file).sequences(['a cat', 'a b c d e f'], 6);
    expect(cut).toEqual([false, true]);
    expect([ids[0], ids[3], ids[4]]).toEqual([START_TOKEN, END_TOKEN, 0]);
    expect(ids[11]).toBe(END_TOKEN);
  });
});

describe('a file that is no vocabulary', () => {
  it.each([
    ['empty', new Uint8Array(0)],
    ['broken gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 1)],
    ['another list of merges', new TextEncoder().encode('#version: 0.2\ni n\nt h\n')],
  ])('is refused: %s', (_name, bytes) => {
    expect(() => ClipTokenizer.fromVocabulary(bytes)).toThrow(
      expect.objectContaining({ code: 'clip-vocabulary' }) as Error,
    );
  });
});

describe('cleanText', () => {
  it('takes entities apart twice, also without semantic meaning', () => {
    expect(cleanText('A&nbsp;&#66; &amp;eacute; &unknown; &#x110000;')).toBe('a b é &unknown; \ufffd');
  });

  it('keeps letters of accents that are no UTF-8', () => {
    expect(cleanText('Ça été Ã©tÃ©')).toBe('ça été été');
  });
});
