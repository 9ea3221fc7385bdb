// What a detector over CLIP's RN50 is made of: its two towers, its query decoder, its temperature.
import type { ClipActivation } from '../../layers/residualAttentionBlock';

export interface ImageTowerConfig {
  /** Bottlenecks of the four stages. */
  readonly blocks: readonly [number, number, number, number];
  /** Channels after the stem; the last stage gives 32 times as many. */
  readonly width: number;
  /** Side of the pictures: it fixes the table of positions of the attention pooling. */
  readonly side: number;
  /** Heads of the attention pooling. */
  readonly heads: number;
  /** Length of the features of pictures and texts. */
  readonly features: number;
}

export interface TextTowerConfig {
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly vocabulary: number;
  /** Tokens of a text, start and end among them. */
  readonly length: number;
  readonly activation: ClipActivation;
}

export interface DecoderConfig {
  readonly width: number;
  readonly queries: number;
  readonly layers: number;
  readonly heads: number;
  /** Width inside the feed-forward parts, the gate and the class head. */
  readonly inner: number;
  readonly gateInner: number;
  readonly classInner: number;
  /** In training only. */
  readonly dropout: number;
}

export interface DetectorConfig {
  readonly image: ImageTowerConfig;
  readonly decoder: DecoderConfig;
  /** Divides cosines, and so makes them logits. */
  readonly temperature: number;
}

/** CLIP RN50. */
export const rn50: ImageTowerConfig = { blocks: [3, 4, 6, 3], width: 64, side: 224, heads: 32, features: 1024 };

/** Its text tower; OpenAI trained it with `quick_gelu`, open_clip builds it with `gelu` under the plain name RN50. */
export const rn50Text: Omit<TextTowerConfig, 'activation'> = {
  width: 512,
  layers: 12,
  heads: 8,
  vocabulary: 49_408,
  length: 77,
};

export const baseDecoder: DecoderConfig = {
  width: 256,
  queries: 100,
  layers: 6,
  heads: 8,
  inner: 1024,
  gateInner: 512,
  classInner: 512,
  dropout: 0.1,
};

export const TEMPERATURE = 0.07;
