// Which convolutions are preceded by a temporal shift, and which batch normalisations are frozen (spec sections 2 and 5).
import { layersOf, type Architecture, type BlockLayers, type Layer } from './architecture';

/**
 * Where frames see their neighbours: before every depthwise convolution, once inside each block with a skip, or in
 * place before every convolution of the first, second or last third of the network.
 */
export type ShiftPlacement = 'none' | 'depthwise' | 'residual' | 'early' | 'middle' | 'late';

/** Every layer in the order of the modules, which is the order of execution. */
function allLayers(architecture: Architecture): Layer[] {
  const { stem, blocks, head } = layersOf(architecture);
  return [stem, ...blocks.flatMap(({ layers }) => layers), head];
}

/** The branch's first depthwise convolution, or its first one of any kind. */
function residualSite({ layers }: BlockLayers): Layer | undefined {
  return layers.find(({ depthwise }) => depthwise) ?? layers[0];
}

/** Names of the convolutions that read a shifted input, in the order of execution. */
export function shiftSites(architecture: Architecture, placement: ShiftPlacement): string[] {
  const layers = allLayers(architecture);
  const third = (k: number): Layer[] =>
    layers.slice(Math.floor((k * layers.length) / 3), Math.floor(((k + 1) * layers.length) / 3));
  const chosen = {
    none: () => [],
    depthwise: () => layers.filter(({ depthwise }) => depthwise),
    residual: () => layersOf(architecture).blocks.flatMap((block) => (block.skip ? (residualSite(block) ?? []) : [])),
    early: () => third(0),
    middle: () => third(1),
    late: () => third(2),
  }[placement]();
  return chosen.map(({ conv }) => conv);
}

/** Names of all batch normalisations in the order of execution; freezing starts at the front. */
export function normNames(architecture: Architecture): string[] {
  return allLayers(architecture).map(({ norm }) => norm);
}

/** How many layers a share of them is, rounded down; a share written as 0.3333 means a third. */
export function layersInShare(architecture: Architecture, share: number): number {
  return Math.floor(normNames(architecture).length * share + 1e-2);
}
