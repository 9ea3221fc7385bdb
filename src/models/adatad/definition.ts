// The action detector for the trainer: what it reads, what it learns from, what it predicts.
import type { Tensor } from '../../engine/graph/tensor';
import { sigmoid } from '../../engine/ops/activation';
import { UserError } from '../../errors';
import type { ModelDefinition } from '../../training/trainer/modelDefinition';
import type { Settings } from '../settings';
import { CHUNK_FRAMES, pieceCount, published, TUBELET, type AdatadConfig } from './config';
import type { AdatadFacts } from './data';
import { detectionLoss } from './loss';
import { adatad } from './model';
import { pointCount, pointLevels } from './points';

/** The network that these settings describe. Throws UserError where the levels do not divide the frames. */
export function adatadConfig(settings: Settings, { classes }: AdatadFacts): AdatadConfig {
  const number = (key: string): number => Number(settings[key]);
  const [frames, side, levels] = [number('frames'), number('imageSize'), number('levels')];
  if (frames % 2 ** (levels - 1) !== 0)
    throw new UserError(
      'adatad-levels',
      `${frames} frames do not halve ${levels - 1} times, which ${levels} levels need. Take fewer levels, or a multiple of ${2 ** (levels - 1)} frames.`,
      { frames, levels, multiple: 2 ** (levels - 1) },
    );
  const trained = settings['trained'] === 'all' ? 'all' : 'adapters';
  return {
    ...{ frames, side },
    backbone: {
      ...{ width: number('width'), depth: number('depth'), heads: number('heads'), mlpRatio: 4, adapterRatio: 0.25 },
      // From random weights positions need not be resized.
      tableSide: trained === 'all' ? side / TUBELET.side : published.backbone.tableSide,
      ...{ trained, dropPath: number('dropPath') },
    },
    detector: {
      ...published.detector,
      ...{ channels: number('channels'), levels, classes: classes.length },
      ...{ branchScale: number('branchScale'), dropPath: number('detectorDropPath') },
    },
  };
}

/**
 * The model with its loss. Inputs: `clips`, frames of all windows by chunks, `mask` [B, T], `classes`
 * [B, points, classes] and `distances` [B, points, 2]. Outputs: `scores` [B, points, classes], `distances` in strides.
 */
export function adatadDefinition(settings: Settings, facts: AdatadFacts): ModelDefinition {
  const config = adatadConfig(settings, facts);
  const batch = Number(settings['batch']);
  const { frames, side, detector } = config;
  const points = pointCount(pointLevels(frames, detector.levels));
  const pieces = pieceCount(config, batch);
  const chunks = [(batch * frames) / CHUNK_FRAMES, CHUNK_FRAMES, 3, side, side];
  return {
    inputs: {
      clips: { shape: chunks, frames: true, half: true, pieces },
      mask: [batch, frames],
      classes: [batch, points, detector.classes],
      distances: [batch, points, 2],
    },
    loss(p, { clips, mask, classes, distances }) {
      const output = adatad(p, clips!, mask!, config, { training: true, pieces });
      return detectionLoss(p.at('rpn_head'), output, { classes: classes!, distances: distances! });
    },
    predict(p, inputs) {
      const { clips, mask } = inputs as { clips: Tensor; mask: Tensor };
      const { logits, distances } = adatad(p, clips, mask, config, { training: false, pieces });
      return p.graph.fullPrecision(() => ({ scores: sigmoid(logits), distances }));
    },
  };
}
