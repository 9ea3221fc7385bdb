// The clip classifier for the trainer: what it reads, what it learns from, what it predicts.
import type { Tensor } from '../../engine/graph/tensor';
import { sigmoid } from '../../engine/ops/activation';
import { reshape } from '../../engine/ops/view';
import type { ModelDefinition } from '../../training/trainer/modelDefinition';
import type { MntsmConfig } from './config';
import { clipLoss } from './loss';
import { mntsmModel } from './model';
import { upstreamProbability } from './pooling';

export interface ClipDefinitionOptions {
  /** Clips of a batch. */
  readonly batch: number;
  /** Width and height of a frame. */
  readonly side: number;
  /** Of the focal loss; 0 is plain cross-entropy. */
  readonly gamma: number;
  /** In evaluation, probabilities of frames are pooled in place of their logits; without effect on learned attention. */
  readonly upstreamScores: boolean;
}

/**
 * The model with its loss for a batch of B clips of T frames. Inputs: `clips` [B, T, 3, side, side], `label` [B],
 * 1 for manipulated, and `weight` [B], a factor on each clip's loss. Outputs: `score` [B] of each clip, `attention`
 * [B, T], how much each frame counts, `frameScores` [B, T] of each frame by itself.
 */
export function clipDefinition(config: MntsmConfig, options: ClipDefinitionOptions): ModelDefinition {
  const { pooling, segments } = config;
  const { batch, side, gamma, upstreamScores } = options;
  return {
    inputs: {
      clips: { shape: [batch, segments, 3, side, side], frames: true, half: true },
      label: [batch],
      weight: [batch],
    },
    loss(p, inputs) {
      const { logit } = mntsmModel(p, inputs['clips'] as Tensor, config, { training: true });
      const [label, weight] = [inputs['label'], inputs['weight']] as [Tensor, Tensor];
      return { total: clipLoss(logit, label, { gamma, weight }), parts: new Map() };
    },
    predict(p, inputs) {
      const { logit, alpha, frameLogits } = mntsmModel(p, inputs['clips'] as Tensor, config, { training: false });
      return p.graph.fullPrecision(() => {
        const pooled = upstreamScores && pooling !== 'learned';
        const score = pooled ? upstreamProbability(frameLogits, pooling) : sigmoid(logit);
        return { score: reshape(score, [batch]), attention: alpha, frameScores: sigmoid(frameLogits) };
      });
    },
  };
}
