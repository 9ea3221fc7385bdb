// The texts of a run as tokens: names of classes, captions, and what of them the text tower cannot read.
import { wordsOf } from '../../annotations/anomalyVideos';
import type { DataProblem } from '../../annotations/dataReport';
import { ClipTokenizer, END_TOKEN, START_TOKEN } from '../../text/clipTokenizer';
import { UserError } from '../../errors';
import type { DataFile } from '../../formats/dataFile';
import { chosenTokenizer, type ChosenTokenizer } from '../../text/chosenTokenizer';
import { wantsVocabulary } from '../../text/vocabularyFile';
import type { TextSizes } from './definition';

/** Longest texts that the towers have positions for. */
const LONG = 248;
const SHORT = 77;

/** What a model is built from, kept with every checkpoint. */
export type FgclipFacts = Pick<TextSizes, keyof TextSizes> & {
  /** `Normal` first. */
  readonly classes: readonly string[];
  /** What the text tower is given of each class. */
  readonly prompts: readonly string[];
  /** By CLIP's vocabulary, or byte by byte. */
  readonly vocabulary: 'clip' | 'bytes';
  /** Typed by a person, beside their tokens. */
  readonly typed?: readonly string[];
};

/** A video and what is seen in it, in words. */
interface Captioned {
  readonly caption: string;
  readonly regions: readonly { readonly caption: string }[];
}

/** Lengths are those of the longest texts there are, in steps of eight. */
export function factsOf(
  videos: readonly Captioned[],
  classes: readonly string[],
  { tokenizer, clip }: ChosenTokenizer,
): { readonly facts: FgclipFacts; readonly problems: readonly DataProblem[] } {
  const prompts = classes.map(wordsOf);
  const count = (text: string): number => tokenizer.encode(text).length + 2;
  const longest = (texts: readonly string[], most: number): number =>
    Math.min(most, 8 * Math.ceil(Math.max(3, ...texts.map(count)) / 8));
  const captions = videos.map(({ caption }) => caption);
  const regions = videos.flatMap((video) => video.regions.map(({ caption }) => caption));
  const facts: FgclipFacts = {
    ...{ classes, prompts, vocabulary: clip ? 'clip' : 'bytes' },
    classTokens: prompts.map((text) => shortTokens(tokenizer, text)),
    captionLength: longest(captions, LONG),
    regionLength: longest(regions, SHORT),
  };
  const cut =
    captions.filter((text) => count(text) > LONG).length + regions.filter((text) => count(text) > SHORT).length;
  const chinese = [...captions, ...regions].filter((text) => /\p{Script=Han}/u.test(text)).length;
  const problems: DataProblem[] = [];
  if (cut > 0)
    problems.push({
      ...{ path: '', code: 'fgclip-vad-captions-cut', detail: { cut } },
      message: `${cut} captions are longer than the text tower reads and are cut: shorten them to what matters.`,
    });
  if (chinese > 0)
    problems.push({
      ...{ path: '', code: 'fgclip-vad-captions-chinese', detail: { chinese } },
      message: `${chinese} captions are in Chinese, which CLIP was not trained on: it takes two or three tokens a character and understands little. Translate them into English.`,
    });
  if (!clip)
    problems.push({
      ...{ path: '', code: 'fgclip-vad-spelt', detail: wantsVocabulary },
      message:
        'Without CLIP’s vocabulary texts are spelt letter by letter, which only serves training from random weights. For published weights add bpe_simple_vocab_16e6.txt.gz to the folder.',
    });
  return { facts, problems };
}

function shortTokens(tokenizer: ClipTokenizer, text: string): number[] {
  return [START_TOKEN, ...tokenizer.encode(text).slice(0, SHORT - 2), END_TOKEN];
}

/**
 * Facts with texts that a person typed, by the vocabulary that the weights know.
 * @throws UserError `fgclip-vad-typed-vocabulary` where that is CLIP's and not among the files.
 */
export async function withTyped(
  facts: FgclipFacts,
  typed: readonly string[],
  files: readonly DataFile[],
): Promise<FgclipFacts> {
  if (typed.length === 0) return facts;
  const bytes = facts.vocabulary === 'bytes';
  const { tokenizer, clip } = bytes
    ? { tokenizer: ClipTokenizer.ofBytes(), clip: false }
    : await chosenTokenizer(files);
  if (!bytes && !clip)
    throw new UserError(
      'fgclip-vad-typed-vocabulary',
      'These weights read texts by CLIP’s vocabulary: choose bpe_simple_vocab_16e6.txt.gz together with the videos, or leave the texts out.',
    );
  return { ...facts, typed, typedTokens: typed.map((text) => shortTokens(tokenizer, text)) };
}

/** Facts of the names of what is out of the ordinary and of texts; spelt byte by byte without a tokenizer. */
export function factsOfNames(
  names: readonly string[],
  tokenizer: ChosenTokenizer = { tokenizer: ClipTokenizer.ofBytes(), clip: false },
  videos: readonly Captioned[] = [],
): FgclipFacts {
  return factsOf(videos, ['Normal', ...names], tokenizer).facts;
}
