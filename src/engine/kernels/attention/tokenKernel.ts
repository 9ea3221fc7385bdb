// What an attention kernel asks of its tokens, whichever way they come.
import type { Index } from '../../graph/indexing';
import type { KernelBuilder } from '../builder';
import type { Call } from '../call';
import type { Heads } from './heads';

export interface TokenOptions {
  readonly pairs: number;
  /** Tokens that invocations own, and tokens that pass by. */
  readonly own: number;
  readonly other: number;
  /** Operands whose rows pass by. */
  readonly passing: readonly Heads[];
  /** Numbers of a passing token, read at a pair and a token. */
  readonly numbers?: { readonly count: number; read(builder: KernelBuilder, pair: Index, token: Index): string[] };
  /** Rows that are held of each own token. */
  readonly held: number;
  /** Own tokens see only others up to themselves (`before`) or from themselves on (`after`). */
  readonly causal: 'before' | 'after' | null;
}

/** Vectors of own tokens: WGSL of single vectors comes from `at`; `set` gives sums another value. */
export interface Held {
  readonly groups: number;
  readonly at: (row: number, group: number) => string;
  readonly set: (row: number, group: number, value: string) => void;
}

/** A token that passes by. */
export interface Passing {
  readonly token: Index;
  /** Its vectors of a passing operand; read when first asked for. */
  row(operand: number): readonly string[];
  readonly numbers: readonly string[];
  /** The condition under which there is such a token; null: always. */
  readonly inside: string | null;
}

export interface TokenKernel {
  readonly builder: KernelBuilder;
  readonly pair: Index;
  /** Own tokens of this invocation; those beyond the end repeat the last. */
  readonly rows: readonly Index[];
  /** Reads the own tokens' rows of an operand, times a factor. */
  hold(operand: Heads, factor?: number): Held;
  /** Zeros of the form of an output's rows. */
  sums(output: Heads): Held;
  /** Runs `body` for all other tokens, one or a few at a time. */
  pass(body: (tokens: readonly Passing[]) => void): void;
  /** Part of a dot product: that of the channels that this invocation holds. */
  dot(a: readonly string[], b: readonly string[]): string;
  /** The sums of such parts over all invocations that share a token. Each has to call it. */
  whole(parts: readonly string[]): readonly string[];
  /** Runs `body` for own token number r, once, where it may store. */
  once(r: number, body: () => void): void;
  /** Stores sums of all own tokens, each times its factor; `fused` lets pointwise ops hang behind the output. */
  store(output: Heads, sums: Held, factor: (r: number) => string, fused?: boolean): void;
  finish(flops: number): Call;
}
