// Both stages for the trainer: what they read, what they learn from, what they predict.
import type { Parameters } from '../../engine/graph/parameters';
import type { Tensor } from '../../engine/graph/tensor';
import { add } from '../../engine/ops/arithmetic';
import { softmax } from '../../engine/ops/softmax';
import { reshape } from '../../engine/ops/view';
import { crossEntropy } from '../../losses/crossEntropy';
import type { InputDefinition, ModelDefinition } from '../../training/trainer/modelDefinition';
import { assigned } from './assignment';
import type { DetectorConfig, TextTowerConfig } from './config';
import type { Candidates } from './heads';
import { imageQueries } from './imageQueries';
import { imageTower } from './imageTower';
import { classLogits, detectionLoss, type LossWeights } from './loss';
import type { MatcherWeights } from './matching';
import { queryDecoder } from './queryDecoder';
import { textTower } from './textTower';

/** Where class features come from: learned with the rest, given in each batch, or a frozen text tower's. */
export type ClassSource =
  | { readonly kind: 'learned' }
  | { readonly kind: 'given' }
  | {
      readonly kind: 'texts';
      readonly tower: TextTowerConfig;
      /** [classes, tokens], cut behind the longest text. */ readonly tokens: Uint32Array;
    };

export interface DefinitionOptions {
  readonly batch: number;
  readonly classes: number;
  readonly source: ClassSource;
  readonly queries: 'image' | 'learned';
  /** Normalise by the batch and track its statistics, or leave running statistics as they are. */
  readonly batchStatistics: boolean;
  readonly loss?: LossWeights;
  readonly matcher?: MatcherWeights;
}

type Inputs = Readonly<Record<string, Tensor>>;

/** Features of the class texts, [classes, features], of any length. */
function classFeatures(p: Parameters, inputs: Inputs, config: DetectorConfig, options: DefinitionOptions): Tensor {
  if (options.source.kind !== 'learned') return inputs['texts'] as Tensor;
  return p.weight('class_features', [options.classes, config.image.features], { kind: 'normal', deviation: 1 });
}

/** The frozen text tower runs once per list of names, and not in every step. */
function fixedTexts(
  { image: { features } }: DetectorConfig,
  { source, classes }: DefinitionOptions,
): Pick<ModelDefinition, 'fixed'> {
  if (source.kind !== 'texts') return {};
  const { tokens, tower } = source;
  return {
    fixed(p) {
      const ids = p.graph.constant(tokens, [classes, tokens.length / classes]);
      return { texts: textTower(p.frozen(), ids, tower, features) };
    },
  };
}

function inputsOf(config: DetectorConfig, { batch, classes, source }: DefinitionOptions): ModelDefinition['inputs'] {
  const { side, features } = config.image;
  const images: InputDefinition = { shape: [batch, 1, 3, side, side], frames: true, half: true };
  return { images, ...(source.kind === 'given' && { texts: [classes, features] }) };
}

function pictures(inputs: Inputs): Tensor {
  const images = inputs['images'] as Tensor;
  const [batch = 1, , channels = 3, height = 1, width = 1] = images.shape;
  return reshape(images, [batch, channels, height, width]);
}

/**
 * Stage A: pictures against class texts. Inputs: `images` [B, 1, 3, side, side], `labels` u32 [B] and, where class
 * features are given, `texts` [C, features]. Outputs: `similarity` [B, C], a probability for each class.
 */
export function classifierDefinition(config: DetectorConfig, options: DefinitionOptions): ModelDefinition {
  const logits = (p: Parameters, inputs: Inputs, batchStatistics: boolean): Tensor => {
    const { features } = imageTower(p.at('visual'), pictures(inputs), config.image, { batchStatistics });
    return p.graph.fullPrecision(() =>
      classLogits(features, classFeatures(p, inputs, config, options), config.temperature),
    );
  };
  return {
    inputs: { ...inputsOf(config, options), labels: { shape: [options.batch], dtype: 'u32' } },
    ...fixedTexts(config, options),
    loss: (p, inputs) => ({
      total: crossEntropy(logits(p, inputs, options.batchStatistics), inputs['labels'] as Tensor),
      parts: new Map(),
    }),
    predict: (p, inputs) => ({ similarity: softmax(logits(p, inputs, false), -1) }),
  };
}

/**
 * Stage B: boxes. Inputs: `images`, perhaps `texts`, and for the assignment what `targetInputs` makes. Outputs: `boxes`
 * [B, Q, 4] as centre and size, `logits` [B, Q, C + 1] with the background last, `similarity` [B, C] of the whole picture.
 */
export function detectorDefinition(config: DetectorConfig, options: DefinitionOptions): ModelDefinition {
  const said = (p: Parameters, inputs: Inputs, training: boolean) => {
    const batchStatistics = training && options.batchStatistics;
    const seen = imageTower(p.at('visual'), pictures(inputs), config.image, { batchStatistics });
    const texts = classFeatures(p, inputs, config, options);
    const parts: readonly Candidates[] =
      options.queries === 'image'
        ? imageQueries(p, seen, texts, config, { training })
        : [queryDecoder(p, seen, texts, config, { training })];
    return { seen, texts, parts };
  };
  return {
    inputs: inputsOf(config, options),
    ...fixedTexts(config, options),
    loss(p, inputs) {
      const { parts } = said(p, inputs, true);
      const targets = assigned(p.graph, parts, options.matcher);
      const losses = parts.map((part, i) => detectionLoss(part, targets[i]!, options.loss));
      const summed = (values: readonly Tensor[]): Tensor => values.reduce((a, b) => add(a, b));
      const names = [...losses[0]!.parts.keys()];
      return {
        total: summed(losses.map(({ total }) => total)),
        parts: new Map(names.map((name) => [name, summed(losses.map((one) => one.parts.get(name)!))])),
      };
    },
    predict(p, inputs) {
      const { seen, texts, parts } = said(p, inputs, false);
      const { boxes, logits } = parts.at(-1)!;
      const similarity = p.graph.fullPrecision(() =>
        softmax(classLogits(seen.features, texts, config.temperature), -1),
      );
      return { boxes, logits, similarity };
    },
  };
}
