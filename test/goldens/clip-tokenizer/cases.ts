// CLIP's tokenizer against recorded ids: short and long sequences, what ftfy mends, other scripts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { cleanText } from '../../../src/text/cleanText';
import { ClipTokenizer, END_TOKEN, START_TOKEN, VOCABULARY_SIZE } from '../../../src/text/clipTokenizer';
import { compare, sharedData, type GoldenResult } from '../../helpers/golden';
import type { GoldenGroup, Table } from '../group';

interface Recorded {
  readonly vocab_size: number;
  readonly start: number;
  readonly end: number;
  readonly cases: readonly {
    readonly text: string;
    readonly cleaned: string;
    readonly ids: readonly number[];
    readonly ids77_nonzero: readonly number[];
    readonly ids248_nonzero: readonly number[];
  }[];
}

const exact = { atol: 0 };

/** Ids followed by the zeros that recordings leave off. */
function padded(ids: readonly number[], length: number): number[] {
  return [...ids, ...Array.from({ length: length - ids.length }, () => 0)];
}

/** Code units, so that texts are compared like numbers. */
function units(text: string): number[] {
  return [text.length, ...Array.from({ length: text.length }, (_, k) => text.charCodeAt(k))];
}

/** All recorded strings; without the vocabulary, which no repository holds, only how they are cleaned. */
function tokenizerCases({ value }: Table): GoldenResult[] {
  const recorded = value as Recorded;
  const data = sharedData('clip');
  const file = data && readFileSync(join(data, 'bpe_simple_vocab_16e6.txt.gz'));
  if (!file) console.log('skip clip-tokenizer: ids: no ../shared/data/clip');
  const tokenizer = file && ClipTokenizer.fromVocabulary(file);
  const results: GoldenResult[] = [
    compare(
      'special ids',
      [VOCABULARY_SIZE, START_TOKEN, END_TOKEN],
      [recorded.vocab_size, recorded.start, recorded.end],
      exact,
    ),
  ];
  for (const [k, one] of recorded.cases.entries()) {
    const name = `${k} ${JSON.stringify(one.text.slice(0, 24))}`;
    results.push(compare(`${name} cleaned`, units(cleanText(one.text)), units(one.cleaned), exact));
    if (!tokenizer) continue;
    const ids = tokenizer.encode(one.text);
    results.push(compare(`${name} ids`, [ids.length, ...ids], [one.ids.length, ...one.ids], exact));
    for (const length of [77, 248]) {
      const sequence = tokenizer.sequences([one.text], length).ids;
      const wanted = length === 77 ? one.ids77_nonzero : one.ids248_nonzero;
      results.push(compare(`${name} ${length}`, sequence, padded(wanted, length), exact));
    }
  }
  if (file) results.push(unpackedAgrees(file, recorded));
  return results;
}

/** The vocabulary may come unpacked. */
function unpackedAgrees(file: Uint8Array, { cases: [first] }: Recorded): GoldenResult {
  const ids = ClipTokenizer.fromVocabulary(gunzipSync(file)).encode(first!.text);
  return compare('unpacked vocabulary', ids, first!.ids, exact);
}

export const group: GoldenGroup = { tables: [{ files: ['tokenizer'], cases: tokenizerCases }] };
