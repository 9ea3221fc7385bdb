// Sizes of the pose lifter: what upstream's model classes take, under our names (spec section 1).
import type { Tensor } from '../../engine/graph/tensor';

export interface PoseConfig {
  readonly layers: number;
  /** 2: x, y. 3: x, y, confidence. */
  readonly dimIn: number;
  readonly dimFeat: number;
  readonly dimRep: number;
  readonly dimOut: number;
  readonly mlpRatio: number;
  readonly heads: number;
  /** Neighbours per frame in the temporal graph. */
  readonly neighbours: number;
  readonly frames: number;
  /** The third branch: absent, mamba + gcn, or mamba + gcn + attention. */
  readonly branch: 'none' | 'mamba-gcn' | 'full';
  /** Inside the third branch, in training only. */
  readonly dropout: number;
  /** Initial value of the layer scales; 1e-5 as published. */
  readonly layerScale: number;
  /** Factor on the initial weights of joints_embed; 1 as published, more where the input's values are small. */
  readonly inputGain: number;
}

const base = {
  dimOut: 3,
  dimRep: 512,
  mlpRatio: 4,
  frames: 243,
  dropout: 0.1,
  layerScale: 1e-5,
  inputGain: 1,
} as const;

/** The published configurations (spec section 1). */
export const published: Readonly<Record<string, PoseConfig>> = {
  'mamba-gcn': { ...base, layers: 16, dimIn: 2, dimFeat: 128, heads: 4, neighbours: 4, branch: 'mamba-gcn' },
  full: { ...base, layers: 16, dimIn: 2, dimFeat: 128, heads: 4, neighbours: 4, branch: 'full' },
  'motionagformer-xsmall': { ...base, layers: 12, dimIn: 3, dimFeat: 64, heads: 8, neighbours: 2, branch: 'none' },
  'motionagformer-small': { ...base, layers: 26, dimIn: 3, dimFeat: 64, heads: 8, neighbours: 2, branch: 'none' },
  'motionagformer-base': { ...base, layers: 16, dimIn: 3, dimFeat: 128, heads: 8, neighbours: 2, branch: 'none' },
  'motionagformer-large': { ...base, layers: 26, dimIn: 3, dimFeat: 128, heads: 8, neighbours: 2, branch: 'none' },
};

/** Sees intermediate results by upstream's module name; for comparisons with recorded values. */
export type Tap = (name: string, value: Tensor) => void;
