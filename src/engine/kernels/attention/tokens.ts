// What all attention kernels share: own tokens are held, all other tokens pass by.
//
// Loads are dear where a CPU plays the GPU, so there each invocation holds several own tokens and every passing row
// serves all of them (heldTokens.ts). On a GPU four invocations share a token, and the others pass through workgroup
// memory in tiles (tiledTokens.ts).
import type { Index } from '../../graph/indexing';
import type { Lowering } from '../lowering';
import type { KernelBuilder } from '../builder';
import type { Call } from '../call';
import { sizeClass } from '../choice';
import type { Target } from '../target';
import { groupsOf, type Heads } from './heads';
import { HeldTokens } from './heldTokens';
import { TiledTokens } from './tiledTokens';
import { tilings, type Tiling } from './tiling';

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

/** Vectors of own tokens: names of single vectors come from `at`. */
export interface Held {
  readonly groups: number;
  readonly at: (row: number, group: number) => string;
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

/** How other tokens reach an invocation, and how many own tokens it holds at most. */
export type Way =
  { readonly kind: 'subgroup' | 'plain'; readonly rows: number } | ({ readonly kind: 'tiles' } & Tiling);

/** The kernel in the way that is known to be fastest, or the best guess. */
export function tokenKernel(lowering: Lowering, name: string, options: TokenOptions): TokenKernel {
  const way = lowering.choose(keyOf(name, options), ways(lowering.target, options));
  const builder = lowering.kernel(name);
  return way.kind === 'tiles' ? new TiledTokens(builder, options, way) : new HeldTokens(builder, options, way);
}

/** All ways by name, the best guess first. */
function ways(target: Target, options: TokenOptions): ReadonlyMap<string, Way> {
  const most = Math.max(1, Math.min(4, Math.floor(32 / Math.max(...options.passing.map(groupsOf)))));
  const rows = [4, 2, 1].filter((count) => count <= most);
  const held = (kind: 'subgroup' | 'plain') =>
    rows.map((count): [string, Way] => [`${kind}, ${count} tokens`, { kind, rows: count }]);
  if (!target.software) {
    const tiles = tilings(target, options).map((tiling): [string, Way] => [tiling.name, { kind: 'tiles', ...tiling }]);
    return new Map([...tiles, ...held('plain')]);
  }
  // Subgroups of a known size up to 16 are a CPU's vector; a GPU's would leave most of a wide team idle.
  const teams = target.subgroupSize > 0 ? held('subgroup') : [];
  return new Map([...teams, ...held('plain')]);
}

/** Kernels of a key take the same way. */
function keyOf(name: string, { pairs, own, other, passing, causal }: TokenOptions): string {
  const widths = passing.map((one) => groupsOf(one) * 4).join(' + ');
  return `${name} ${sizeClass(pairs)} x ${sizeClass(own)} x ${sizeClass(other)}, rows of ${widths}${causal ? ', causal' : ''}`;
}
