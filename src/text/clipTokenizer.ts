// CLIP's tokenizer: text to token ids, over the byte-pair vocabulary that a person gives (bpe_simple_vocab_16e6.txt.gz).
import { gunzipSync } from 'fflate';
import { UserError } from '../errors';
import { BytePairs } from './bytePairs';
import { cleanText } from './cleanText';

/** Merges that CLIP uses; the file holds more. */
const MERGES = 48_894;
export const START_TOKEN = 512 + MERGES;
/** The largest id, so that the first one of a text is where its ids are largest. */
export const END_TOKEN = START_TOKEN + 1;
export const VOCABULARY_SIZE = END_TOKEN + 1;

const marks: Readonly<Record<string, number>> = { '<|startoftext|>': START_TOKEN, '<|endoftext|>': END_TOKEN };
const pieces = /<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/giu;

/** Texts as a model reads them. */
export interface TokenSequences {
  /** [texts, length]: start, the text's tokens, end, then zeros. 0 is also the token of "!". */
  readonly ids: Uint32Array;
  /** Whether a text had more tokens than fit. */
  readonly cut: readonly boolean[];
}

export class ClipTokenizer {
  readonly #pairs: BytePairs;

  private constructor(pairs: BytePairs) {
    this.#pairs = pairs;
  }

  /** From the vocabulary file's bytes, packed by gzip or not. Throws UserError `clip-vocabulary`. */
  static fromVocabulary(bytes: Uint8Array): ClipTokenizer {
    const lines = unpacked(bytes).split('\n');
    const merges = lines.slice(1, 1 + MERGES).map((line) => line.trimEnd());
    const sound = merges.length === MERGES && merges.every((line) => /^\S+ \S+$/.test(line));
    if (!sound || !lines[0]?.includes('version')) {
      throw new UserError(
        'clip-vocabulary',
        `This is not CLIP's vocabulary: a first line with a version and at least ${MERGES} merges, two symbols each, are wanted. Take the file bpe_simple_vocab_16e6.txt.gz of OpenAI's CLIP or open_clip.`,
        { merges: MERGES },
      );
    }
    return new ClipTokenizer(new BytePairs(merges));
  }

  /**
   * Without the vocabulary: words are spelt byte by byte, by ids that CLIP's vocabulary gives the same bytes. For models
   * that learn their texts from nothing.
   */
  static ofBytes(): ClipTokenizer {
    return new ClipTokenizer(new BytePairs([]));
  }

  /** Token ids of a text of any length, without start and end. */
  encode(text: string): number[] {
    const found = cleanText(text).match(pieces) ?? [];
    return found.flatMap((piece) => marks[piece] ?? this.#pairs.encode(piece));
  }

  /** Sequences of `length` tokens; of longer texts the first ones, with the end token in the last place. */
  sequences(texts: readonly string[], length: number): TokenSequences {
    const ids = new Uint32Array(texts.length * length);
    const cut = texts.map((text, k) => {
      const tokens = this.encode(text);
      ids.set([START_TOKEN, ...tokens.slice(0, length - 2), END_TOKEN], k * length);
      return tokens.length > length - 2;
    });
    return { ids, cut };
  }
}

function unpacked(bytes: Uint8Array): string {
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  try {
    return new TextDecoder().decode(packed ? gunzipSync(bytes) : bytes);
  } catch {
    return '';
  }
}
