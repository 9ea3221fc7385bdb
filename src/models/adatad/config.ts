// What an action detector is made of: a video transformer with adapters, and a detector over a pyramid of time.

export interface BackboneConfig {
  /** Width of a token. */
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
  /** Hidden width of a block's MLP, as a multiple of the tokens' width. */
  readonly mlpRatio: number;
  /** Width inside an adapter, as a share of the tokens' width. */
  readonly adapterRatio: number;
  /** Rows and columns of the table of positions; 14 for VideoMAE, which learnt on frames of 224 × 224. */
  readonly tableSide: number;
  /** What learns: the adapters alone, or the whole network (from random weights). */
  readonly trained: 'adapters' | 'all';
  /** Largest chance with which a chunk skips a branch in training; it grows from 0 at the first block. */
  readonly dropPath: number;
}

export interface DetectorConfig {
  /** Channels of every position of the pyramid. */
  readonly channels: number;
  readonly heads: number;
  /** Convolutions before the first transformer block, transformer blocks at full length. */
  readonly embedLayers: number;
  readonly stemLayers: number;
  /** Levels of the pyramid, each half as long as the one before. */
  readonly levels: number;
  /** Convolutions of either branch of the head before its last one. */
  readonly headLayers: number;
  readonly classes: number;
  /** What the factors of a block's branches start at: 1e-4 upstream, larger for short trainings. */
  readonly branchScale: number;
  /** Chance with which a sample skips a branch in training. */
  readonly dropPath: number;
}

export interface AdatadConfig {
  /** Frames of a window, a multiple of 16 and of 2 to the power of the levels below the first. */
  readonly frames: number;
  /** Width and height of a frame, a multiple of 16. */
  readonly side: number;
  readonly backbone: BackboneConfig;
  readonly detector: DetectorConfig;
}

/** Frames that attention sees together. */
export const CHUNK_FRAMES = 16;
/** Frames, rows and columns of a token. */
export const TUBELET = { frames: 2, side: 16 } as const;
/** Time steps of a chunk. */
export const CHUNK_STEPS = CHUNK_FRAMES / TUBELET.frames;

/** Values of a piece's tokens: its tensors in attention and MLP are a few times as large. */
const PIECE_VALUES = 2 ** 21;

/** In how many pieces the chunks of `windows` windows go through the backbone, so that none is too large. */
export function pieceCount({ frames, side, backbone: { width } }: AdatadConfig, windows: number): number {
  const chunks = (windows * frames) / CHUNK_FRAMES;
  const values = CHUNK_STEPS * (side / TUBELET.side) ** 2 * width;
  let pieces = Math.ceil(chunks / Math.max(1, Math.floor(PIECE_VALUES / values)));
  while (chunks % pieces !== 0) pieces++;
  return pieces;
}

/** VideoMAE-S with the detector of the recipe: 49,582,504 parameters with 20 classes. */
export const published: AdatadConfig = {
  frames: 768,
  side: 160,
  backbone: {
    width: 384,
    depth: 12,
    heads: 6,
    mlpRatio: 4,
    adapterRatio: 0.25,
    tableSide: 14,
    trained: 'adapters',
    dropPath: 0.1,
  },
  detector: {
    channels: 512,
    heads: 4,
    embedLayers: 2,
    stemLayers: 2,
    levels: 6,
    headLayers: 2,
    classes: 20,
    branchScale: 1e-4,
    dropPath: 0.1,
  },
};

/** For few videos and weak GPUs: narrow, for small pictures, all of it trained from random weights. */
export const narrow: AdatadConfig = {
  frames: 128,
  side: 64,
  backbone: { ...published.backbone, width: 96, depth: 4, heads: 3, tableSide: 4, trained: 'all', dropPath: 0 },
  detector: { ...published.detector, channels: 128, levels: 5, classes: 6, branchScale: 1e-2, dropPath: 0 },
};
