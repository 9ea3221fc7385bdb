// What every point of the pyramid says: a chance per class and how far the action reaches left and right (spec 3.3, 3.4).
import { defaultInitializer, ones, type Parameters } from '../../engine/graph/parameters';
import type { Initializer } from '../../engine/graph/graph';
import type { Tensor } from '../../engine/graph/tensor';
import { relu } from '../../engine/ops/activation';
import { multiply } from '../../engine/ops/arithmetic';
import { convolution } from '../../engine/ops/convolution';
import { layerNorm } from '../../layers/layerNorm';
import type { DetectorConfig } from './config';
import { convolutionModule, MODULE_EPSILON, type Level } from './pyramid';

/** What one level says of its points. */
export interface LevelOutput {
  /** [B, T, classes] */
  readonly logits: Tensor;
  /** To the left and to the right in strides, at least 0: [B, T, 2]. */
  readonly distances: Tensor;
}

/** Points name a class with this chance before they have learnt anything. */
const PRIOR = 0.01;

/**
 * Normalises each level. Its positions beyond the mask then hold the bias and not 0, and the head's first convolution
 * sees that across the border, as upstream's does.
 */
export function neck(p: Parameters, levels: readonly Level[]): Level[] {
  return levels.map(({ x, mask }, k) => ({ x: layerNorm(p.at('fpn_norms').at(k), x, MODULE_EPSILON), mask }));
}

/** The same two branches for every level, with a factor of each level's own on the distances. */
export function head(p: Parameters, levels: readonly Level[], config: DetectorConfig): LevelOutput[] {
  const { channels, headLayers, classes } = config;
  const branch = (name: string, level: Level): Tensor => {
    let { x } = level;
    for (let k = 0; k < headLayers; k++)
      x = convolutionModule(p.at(`${name}_convs`).at(k), { x, mask: level.mask }, channels);
    return x;
  };
  const last = (name: string, x: Tensor, outputs: number, bias: Initializer): Tensor => {
    const place = p.at(`${name}_head`);
    const weight = place.weight('weight', [outputs, channels, 3], defaultInitializer(3 * channels));
    return convolution(x, weight, place.weight('bias', [outputs], bias), { padding: 1, channels: 'last' });
  };
  const rare: Initializer = { kind: 'constant', value: Math.log(PRIOR / (1 - PRIOR)) };
  return levels.map((level, k) => {
    const reach = last('reg', branch('reg', level), 2, defaultInitializer(3 * channels));
    return {
      logits: last('cls', branch('cls', level), classes, rare),
      distances: relu(multiply(reach, p.at('scale').at(k).weight('scale', [], ones))),
    };
  });
}
