// What all attention kernels share: own tokens are held, all other tokens pass by.
//
// Loads are dear where a CPU plays the GPU, so there each invocation holds several own tokens and every passing row
// serves all of them (heldTokens.ts). On a GPU four invocations share a token, and the others pass through workgroup
// memory in tiles (tiledTokens.ts).
import type { Lowering } from '../lowering';
import { sizeClass } from '../choice';
import type { Target } from '../target';
import { groupsOf } from './heads';
import { HeldTokens } from './heldTokens';
import { TiledTokens } from './tiledTokens';
import type { TokenKernel, TokenOptions } from './tokenKernel';
import { tilings, type Tiling } from './tiling';

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
