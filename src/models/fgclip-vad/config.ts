// What the anomaly detector over FG-CLIP is made of: two towers, the part over time, its temperature.

export interface VisionConfig {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Width inside the feed-forward parts. */
  readonly inner: number;
  /** Side of a patch and of a frame, in pixels. */
  readonly patch: number;
  readonly side: number;
}

export interface TextConfig {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly inner: number;
  readonly vocabulary: number;
  /** Rows of the tables of positions for short and for long texts. */
  readonly shortLength: number;
  readonly longLength: number;
  /** Positions of a long text that are read as in short ones. */
  readonly kept: number;
}

export interface TemporalConfig {
  readonly layers: number;
  readonly heads: number;
  readonly inner: number;
  /** Width inside the weights of frames. */
  readonly attentionInner: number;
  /** In training only. */
  readonly dropout: number;
}

export interface FgclipConfig {
  readonly vision: VisionConfig;
  readonly text: TextConfig;
  readonly temporal: TemporalConfig;
  /** Length of the features of frames, videos and texts. */
  readonly features: number;
}

const vit: Omit<VisionConfig, 'patch'> = { width: 768, layers: 12, heads: 12, inner: 3072, side: 224 };

const text: TextConfig = {
  width: 512,
  layers: 12,
  heads: 8,
  inner: 2048,
  vocabulary: 49_408,
  shortLength: 77,
  longLength: 248,
  kept: 20,
};

const temporal: TemporalConfig = { layers: 2, heads: 8, inner: 2048, attentionInner: 256, dropout: 0.1 };

/** For a CPU that plays a GPU, and for a few dozen videos from random weights. */
const narrow: FgclipConfig = {
  vision: { width: 96, layers: 3, heads: 4, inner: 384, patch: 16, side: 96 },
  text: { ...text, width: 64, layers: 1, heads: 4, inner: 256 },
  temporal: { layers: 1, heads: 4, inner: 256, attentionInner: 64, dropout: 0.1 },
  features: 64,
};

/** FG-CLIP base, what the seed's files build, and a small one. */
export const architectures = {
  'ViT-B/16': { vision: { ...vit, patch: 16 }, text, temporal, features: 512 },
  'ViT-B/32': { vision: { ...vit, patch: 32 }, text, temporal, features: 512 },
  narrow,
} as const satisfies Readonly<Record<string, FgclipConfig>>;

/** Patches along a side of a frame. */
export function gridOf({ side, patch }: VisionConfig): number {
  return Math.floor(side / patch);
}
