// Depthwise convolutions and their gradients: every group has one input channel, so outputs share windows, not products.
//
// Neighbours along the last axis of positions see overlapping windows: an invocation makes several of them.
import { add, constant, coordinates, flatten, scale, type Guard, type Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import { sizeOf, type Tensor } from '../graph/tensor';
import type { Call } from './call';
import { sizeClass } from './choice';
import {
  inputsOf,
  phaseInputs,
  phaseOutputs,
  phasesOf,
  phaseTaps,
  type Channels,
  type Geometry,
} from './convolutionGeometry';
import { neighbours, type Lanes } from './lanes';
import { lowerTapSum } from './tapSum';

/** More terms than this are walked in a loop instead of being written out. */
const MOST_TERMS = 16;
/** Neighbours of an invocation; those that divide the axis come first. */
const TILES = [4, 7, 6, 5, 3, 2];
/** Work from which a CPU that plays the GPU repays the longer translation within a few hundred runs. */
const LEAST_FLOPS = 1e6;

/** y from x and the kernel. */
export function lowerDepthwise(
  lowering: Lowering,
  geometry: Geometry,
  channels: Channels,
  [x, weight]: readonly [Tensor, Tensor],
  y: Tensor,
): Call[] {
  const { outputs } = channels;
  const { own, lanes } = perGroup(channels);
  const { kernel } = geometry;
  const positions = y.shape.slice(0, -1);
  const taps = kernel.at(-1) ?? 1;
  const work = { positions, terms: taps, flops: 2 * y.size * sizeOf(kernel) };
  const { tile, written } = lowering.choose(keyOf('depthwise', work, channels), layouts(lowering, work));
  const [steps, terms] = written ? [kernel.slice(0, -1), taps] : [kernel, 1];
  const tiles = new Tiles(positions, tile, outputs / lanes);
  const seen = windows(geometry, terms, tile, written);
  return lowerTapSum(lowering, 'depthwise', {
    units: tiles.count,
    lanes,
    outputs: tile,
    steps,
    terms,
    cut: false,
    left: {
      tensor: x,
      cells: seen.cells,
      cell: (o, term) => seen.cell(o, term),
      place(unit, others, cell) {
        const { first, group } = tiles.of(unit);
        const [n, ...at] = first as [Index, ...Index[]];
        const found = inputsOf(seen.geometry, at, seen.taps(others, cell));
        const channel = groupOf(neighbours(group, lanes), own);
        return { index: flatten([n, ...found.at, channel], x.shape), guards: found.guards };
      },
    },
    right: {
      tensor: weight,
      cells: terms,
      cell: (_, term) => term,
      place(unit, others, cell) {
        const channel = neighbours(tiles.of(unit).group, lanes);
        return { index: flatten([...seen.taps(others, cell), constant(0), channel], weight.shape), guards: [] };
      },
    },
    output: y,
    place(unit, o) {
      const { at, group, guards } = tiles.cell(unit, o);
      return { index: flatten([...at, neighbours(group, lanes)], y.shape), guards };
    },
  });
}

/** dx from dy and the kernel: phase by phase of the stride. */
export function lowerDepthwiseInputGradient(
  lowering: Lowering,
  geometry: Geometry,
  channels: Channels,
  [dy, weight]: readonly [Tensor, Tensor],
  dx: Tensor,
): Call[] {
  const { inputs } = channels;
  const { own, lanes } = perGroup(channels);
  const phases = phasesOf(geometry);
  const axes = phases.count.length;
  const last = phases.taps.at(-1) ?? 1;
  const positions = [...phases.count, dx.shape[0] ?? 1, ...phases.positions];
  const work = { positions, terms: last * own, flops: 2 * sizeOf(positions) * inputs * sizeOf(phases.taps) * own };
  const key = keyOf('depthwise_input_gradient', work, channels);
  const { tile, written } = lowering.choose(key, layouts(lowering, work));
  // Written out, the terms are taps of the last axis, each with all outputs of a group.
  const [taps, offsets] = written ? [last, own] : [1, 1];
  const steps = written ? phases.taps.slice(0, -1) : [...phases.taps, own];
  const terms = taps * offsets;
  const apart = geometry.dilation.at(-1) ?? 1;
  const tiles = new Tiles(positions, tile, inputs / lanes);
  const parts = (all: readonly Index[]): { phase: Index[]; n: Index; position: Index[] } => ({
    phase: all.slice(0, axes),
    n: all[axes] as Index,
    position: all.slice(axes + 1),
  });
  const channelOf = (group: Index, offset: Index): Index => add(scale(neighbours(group, lanes), own), offset);
  return lowerTapSum(lowering, 'depthwise_input_gradient', {
    units: tiles.count,
    lanes,
    outputs: tile,
    steps,
    terms,
    cut: false,
    left: {
      tensor: dy,
      // Outputs that see neighbouring inputs lie side by side, those of later taps before those of earlier ones.
      cells: (tile + (taps - 1) * apart) * offsets,
      cell: (o, term) => (o + (taps - 1 - Math.floor(term / offsets)) * apart) * offsets + (term % offsets),
      place(unit, walked, cell) {
        const { first, group } = tiles.of(unit);
        const { n, position } = parts(first);
        const [along, term] = coordinates(cell, [tile + (taps - 1) * apart, offsets]) as [Index, Index];
        const from = [...position.slice(0, -1), add(position.at(-1) ?? constant(0), along)];
        const tap = written ? constant(last - 1) : (walked[axes - 1] as Index);
        const found = phaseOutputs(geometry, from, [...walked.slice(0, axes - 1), tap]);
        const offset = written ? term : (walked[axes] as Index);
        return { index: flatten([n, ...found.at, channelOf(group, offset)], dy.shape), guards: found.guards };
      },
    },
    right: {
      tensor: weight,
      cells: terms,
      cell: (_, term) => term,
      place(unit, walked, cell) {
        const { first, group } = tiles.of(unit);
        const [tap, offset] = (written ? coordinates(cell, [taps, own]) : walked.slice(axes - 1)) as [Index, Index];
        const found = phaseTaps(geometry, parts(first).phase, [...walked.slice(0, axes - 1), tap]);
        const channel = channelOf(group, offset);
        return { index: flatten([...found.at, constant(0), channel], weight.shape), guards: found.guards };
      },
    },
    output: dx,
    place(unit, o) {
      const { at, group, guards } = tiles.cell(unit, o);
      const { phase, n, position } = parts(at);
      const found = phaseInputs(geometry, phase, position);
      const needed = found.guards.filter((guard) => guard.at.minimum < guard.low || guard.at.maximum >= guard.high);
      return {
        index: flatten([n, ...found.at, neighbours(group, lanes)], dx.shape),
        guards: [...guards, ...needed],
      };
    },
  });
}

/** The kernel's gradient from x and dy: an invocation makes a row of the window, and walks the outputs tile by tile. */
export function lowerDepthwiseWeightGradient(
  lowering: Lowering,
  geometry: Geometry,
  channels: Channels,
  [x, dy]: readonly [Tensor, Tensor],
  dw: Tensor,
): Call[] {
  const { outputs } = channels;
  const { own, lanes } = perGroup(channels);
  const { kernel } = geometry;
  const positions = dy.shape.slice(0, -1);
  const taps = kernel.at(-1) ?? 1;
  const work = { positions, terms: taps, flops: 2 * dy.size * sizeOf(kernel) };
  const [{ tile, written }] = [...layouts(lowering, work).values()] as [Layout];
  const row = written ? taps : 1;
  const rows = new Tiles(kernel, row, outputs / lanes);
  const walked = new Tiles(positions, tile, 1);
  const seen = windows(geometry, row, tile, written);
  return lowerTapSum(lowering, 'depthwise_weight_gradient', {
    units: rows.count,
    lanes,
    outputs: row,
    steps: walked.sizes,
    terms: tile,
    cut: true,
    left: {
      tensor: x,
      cells: seen.cells,
      cell: (o, term) => seen.cell(term, o),
      place(unit, steps, cell) {
        const { first: taps, group } = rows.of(unit);
        const [n, ...at] = walked.first(steps) as [Index, ...Index[]];
        const found = inputsOf(seen.geometry, at, seen.taps(written ? taps.slice(0, -1) : taps, cell));
        const channel = groupOf(neighbours(group, lanes), own);
        return { index: flatten([n, ...found.at, channel], x.shape), guards: found.guards };
      },
    },
    right: {
      tensor: dy,
      cells: tile,
      cell: (_, term) => term,
      place(unit, steps, cell) {
        const { at, guards } = walked.at(steps, cell);
        return { index: flatten([...at, neighbours(rows.of(unit).group, lanes)], dy.shape), guards };
      },
    },
    output: dw,
    place(unit, o) {
      const { at, group } = rows.cell(unit, o);
      return { index: flatten([...at, constant(0), neighbours(group, lanes)], dw.shape), guards: [] };
    },
  });
}

/** Outputs of a group, and whether four groups are read at once. */
function perGroup({ outputs, groups }: Channels): { own: number; lanes: Lanes } {
  const own = outputs / groups;
  return { own, lanes: own === 1 && groups % 4 === 0 ? 4 : 1 };
}

/** Group of an output channel. */
function groupOf(channel: Index, size: number): Index {
  return size === 1 ? channel : (coordinates(channel, [channel.maximum + 1, size])[0] ?? channel);
}

/** Cells of a grid in tiles along its last axis; groups of channels vary fastest. */
class Tiles {
  readonly #shape: readonly number[];
  readonly #tile: number;
  readonly #groups: number;
  /** Axes of the tiles. */
  readonly sizes: readonly number[];

  constructor(shape: readonly number[], tile: number, groups: number) {
    this.#shape = shape;
    this.#tile = tile;
    this.#groups = groups;
    this.sizes = [...shape.slice(0, -1), Math.ceil((shape.at(-1) ?? 1) / tile)];
  }

  get count(): number {
    return sizeOf(this.sizes) * this.#groups;
  }

  /** Coordinates of the first cell of a tile. */
  first(tile: readonly Index[]): Index[] {
    return [...tile.slice(0, -1), scale(tile.at(-1) ?? constant(0), this.#tile)];
  }

  /** The first cell of the tile that belongs to a unit, and its group of channels. */
  of(unit: Index): { first: Index[]; group: Index } {
    const all = coordinates(unit, [...this.sizes, this.#groups]);
    return { first: this.first(all.slice(0, -1)), group: all.at(-1) ?? constant(0) };
  }

  /** A cell of a tile; one beyond the grid fails its guard. */
  at(tile: readonly Index[], cell: Index): { at: Index[]; guards: readonly Guard[] } {
    const first = this.first(tile);
    const last = add(first.at(-1) ?? constant(0), cell);
    const size = this.#shape.at(-1) ?? 1;
    const guards = last.maximum < size ? [] : [{ at: last, low: 0, high: size }];
    return { at: [...first.slice(0, -1), last], guards };
  }

  /** The same for the tile that belongs to a unit. */
  cell(unit: Index, cell: number): { at: Index[]; group: Index; guards: readonly Guard[] } {
    const all = coordinates(unit, [...this.sizes, this.#groups]);
    return { ...this.at(all.slice(0, -1), constant(cell)), group: all.at(-1) ?? constant(0) };
  }
}

/** What `tile` neighbouring windows with `taps` taps along the last axis see of that axis. */
function windows(
  geometry: Geometry,
  taps: number,
  tile: number,
  written: boolean,
): {
  readonly geometry: Geometry;
  readonly cells: number;
  cell(position: number, tap: number): number;
  taps(others: readonly Index[], cell: Index): Index[];
} {
  const stride = geometry.stride.at(-1) ?? 1;
  const apart = geometry.dilation.at(-1) ?? 1;
  return {
    // A cell takes a tap's place, but counts single positions of the input.
    geometry: written ? { ...geometry, dilation: [...geometry.dilation.slice(0, -1), 1] } : geometry,
    cells: (tile - 1) * stride + (taps - 1) * apart + 1,
    cell: (position, tap) => position * stride + tap * apart,
    taps: (others, cell) => (written ? [...others, cell] : [...others]),
  };
}

/** How many neighbours an invocation makes, and whether the last axis of their windows is written out as terms. */
interface Layout {
  readonly tile: number;
  readonly written: boolean;
}

interface Work {
  /** Axes of the outputs but for their channels. */
  readonly positions: readonly number[];
  /** Terms along the last axis. */
  readonly terms: number;
  readonly flops: number;
}

/** The layouts, the best guess first. */
function layouts({ target }: Lowering, { positions, terms, flops }: Work): Map<string, Layout> {
  const size = positions.at(-1) ?? 1;
  const tile = TILES.find((one) => size % one === 0) ?? Math.min(4, size);
  const alone = ['alone', { tile: 1, written: false }] as const;
  const several = [`${tile} side by side`, { tile, written: true }] as const;
  if (terms > MOST_TERMS || tile === 1) return new Map([alone]);
  // What is written out takes a CPU's driver half a second to translate and then half the time to run.
  const soon = target.software && flops < LEAST_FLOPS;
  return new Map<string, Layout>(soon ? [alone, several] : [several, alone]);
}

function keyOf(name: string, { positions, terms }: Work, { groups }: Channels): string {
  const last = positions.at(-1) ?? 1;
  return `${name} ${sizeClass(sizeOf(positions) / last)} x ${last} x ${sizeClass(groups)}, ${terms} terms`;
}
