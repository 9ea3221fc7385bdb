// How attention is shared out on a GPU: lanes per token, own tokens per lane, and tiles of passing tokens.
import type { Target } from '../target';
import { groupsOf } from './heads';
import type { TokenOptions } from './tokenKernel';

export interface Tiling {
  readonly name: string;
  /** Invocations that share a token's channels. */
  readonly lanes: 1 | 2 | 4;
  /** Own tokens of an invocation. */
  readonly rows: number;
  /** Passing tokens that are dealt with together, and those that lie in workgroup memory at a time, a multiple. */
  readonly together: number;
  readonly tile: number;
  /** Invocations of a workgroup. */
  readonly size: number;
  /** (batch, head) pairs of a workgroup, own tokens of each that it covers, and how many such tiles a pair has. */
  readonly pairsPerGroup: number;
  readonly span: number;
  readonly tiles: number;
}

const SIZE = 128;
/**
 * Registers that an invocation may spend on rows, its own and those that pass: AMD's compiler reads all that pass
 * together before it begins, and with some 24 for all else 6 of its subgroups still fit on a unit.
 */
const MOST_ROW_REGISTERS = 192;
/** Invocations that keep a large GPU busy. */
const BUSY = 16384;
/** Bytes of workgroup memory for tiles: with more of them fewer workgroups run side by side. */
const TILE_BYTES = 8192;

/** All tilings that fit, the best guess first. */
export function tilings(target: Target, options: TokenOptions): Tiling[] {
  const fitting = ([4, 2, 1] as const).flatMap((lanes) =>
    [2, 1].flatMap((rows) => (togetherOf(options, lanes, rows) >= 1 ? [tilingOf(target, options, lanes, rows)] : [])),
  );
  // Heads of 128 channels exceed what is wanted in any way: then as few as can be.
  const all = fitting.length > 0 ? fitting : [tilingOf(target, options, 4, 1)];
  const busy = (one: Tiling): number => Math.min(1, (options.pairs * one.tiles * SIZE) / BUSY);
  const cost = (one: Tiling): number => costOf(options, one) / busy(one);
  return all.sort((a, b) => cost(a) - cost(b));
}

/** Passing tokens whose rows of two operands fit beside the own ones: a power of two, or 0. */
function togetherOf(options: TokenOptions, lanes: number, rows: number): number {
  const channels = 4 * partsOf(options, lanes);
  const room = Math.floor((MOST_ROW_REGISTERS - options.held * rows * channels) / (2 * channels));
  return room < 1 ? 0 : Math.min(8, 2 ** Math.floor(Math.log2(room)));
}

/** Groups of four channels of the widest operand that each lane holds. */
function partsOf({ passing }: TokenOptions, lanes: number): number {
  return Math.ceil(Math.max(...passing.map(groupsOf)) / lanes);
}

/** Instructions for one own token and one passing token over all lanes, roughly. */
function costOf(options: TokenOptions, { lanes, rows, tiles, span, pairsPerGroup }: Tiling): number {
  const channels = 4 * partsOf(options, lanes);
  const exchanged = lanes > 1 ? 2 * Math.log2(lanes) : 0;
  const perPair = options.held * channels + 12 + exchanged + (2 * (channels / 4) * 2) / rows;
  const idle = (SIZE * rows) / (lanes * pairsPerGroup * Math.min(span, options.own));
  return perPair * lanes * idle * ((tiles * span) / options.own);
}

function tilingOf(target: Target, options: TokenOptions, lanes: 1 | 2 | 4, mostRows: number): Tiling {
  const { pairs, own, other, passing, numbers } = options;
  const teams = SIZE / lanes;
  const tiles = Math.ceil(own / (teams * mostRows));
  const perTile = Math.ceil(own / tiles);
  const rows = Math.min(mostRows, perTile);
  const taken = Math.ceil(perTile / rows);
  const exchange = lanes > 1 && !target.quads;
  const most = Math.max(1, togetherOf(options, lanes, mostRows));
  const together = Math.ceil(other / Math.ceil(other / most));
  const vectors = passing.reduce((sum, one) => sum + Math.ceil(groupsOf(one) / lanes) * lanes, 0);
  const perToken = 16 * vectors + 4 * (numbers?.count ?? 0);
  const exchanged = exchange ? SIZE * rows * together * 4 : 0;
  const room = Math.floor(Math.min(TILE_BYTES, target.workgroupStorageBytes - exchanged) / perToken / together);
  const pairsPerGroup = Math.max(1, Math.min(Math.floor(teams / taken), pairs, room));
  const blocks = Math.max(1, Math.min(Math.floor(room / pairsPerGroup), Math.ceil(other / together), 8));
  return {
    name: `tiles, ${mostRows} tokens by ${lanes} lanes`,
    ...{ lanes, rows, together, tile: together * blocks, size: SIZE, pairsPerGroup, span: taken * rows, tiles },
  };
}
