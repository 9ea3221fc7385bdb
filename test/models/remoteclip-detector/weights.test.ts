// CLIP RN50 checkpoints in the detector: open_clip's, OpenAI's and the seed's names, fp16, other sides, the activation.
import { describe, expect, it } from 'vitest';
import type { DataFile } from '../../../src/formats/dataFile';
import { openWeights, type WeightSource } from '../../../src/formats/openWeights';
import { writeSafetensors } from '../../../src/formats/safetensors';
import type { StoredTensor } from '../../../src/formats/storedTensor';
import { Graph } from '../../../src/engine/graph/graph';
import { Parameters } from '../../../src/engine/graph/parameters';
import { sizeOf } from '../../../src/engine/graph/tensor';
import { imageTower } from '../../../src/models/remoteclip-detector/imageTower';
import { textTower } from '../../../src/models/remoteclip-detector/textTower';
import { remoteclipWeights, textActivationOf } from '../../../src/models/remoteclip-detector/weights';
import { cardMetadata } from '../../../src/training/weights/modelCard';
import { loadWeights } from '../../../src/training/weights/loadWeights';
import type { NamedTensor, WeightTarget } from '../../../src/training/runtime';

const image = { blocks: [1, 1, 1, 1], width: 4, side: 64, heads: 4, features: 32 } as const;

class Model implements WeightTarget {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly written = new Map<string, NamedTensor>();
  constructor(side = 64) {
    const graph = new Graph();
    const p = new Parameters(graph);
    imageTower(
      p.at('visual'),
      graph.input('pictures', [1, 3, side, side]),
      { ...image, side },
      { batchStatistics: true },
    );
    const text = { width: 32, layers: 1, heads: 4, vocabulary: 300, length: 12, activation: 'gelu' } as const;
    textTower(p, graph.input('tokens', [1, 12], 'u32'), text, 32);
    this.shapes = new Map([
      ...[...graph.parameters].map(([name, { shape }]): [string, readonly number[]] => [name, shape]),
      ...[...graph.counters.keys()].map((name): [string, readonly number[]] => [name, []]),
    ]);
  }
  writeWeight(name: string, one: NamedTensor): Promise<void> {
    this.written.set(name, one);
    return Promise.resolve();
  }
}

type Tensors = Map<string, StoredTensor>;

function checkpoint(rename: (name: string) => readonly string[], half = false): Tensors {
  const tensors: Tensors = new Map();
  for (const [name, shape] of new Model().shapes)
    for (const own of rename(name)) {
      const size = sizeOf(shape);
      if (name.endsWith('num_batches_tracked'))
        tensors.set(own, { dtype: 'I64', shape: [], data: BigInt64Array.of(3n) });
      else if (half) tensors.set(own, { dtype: 'F16', shape, data: new Uint16Array(size).fill(0x3e00) });
      else tensors.set(own, { dtype: 'F32', shape, data: new Float32Array(size).fill(1.5) });
    }
  return tensors;
}

function source(tensors: Tensors, path = 'RemoteCLIP-RN50.safetensors', metadata = {}): Promise<WeightSource> {
  const file: DataFile = { path, blob: new Blob([writeSafetensors(tensors, metadata)]) };
  return openWeights([file]);
}

describe('remoteclipWeights', () => {
  it.each<[string, (name: string) => readonly string[], boolean]>([
    ['open_clip', (name) => [name], false],
    ['fp16', (name) => [name], true],
    ['newer open_clip', (name) => [name.startsWith('visual.') ? name : `text.${name}`], false],
    ['wrapped', (name) => [`module.${name}`], false],
    ['the seed', (name) => [`image_encoder.model.${name}`, `text_encoder.model.${name}`], false],
  ])('fills both towers from the names of %s', async (_name, rename, half) => {
    const model = new Model();
    const report = await loadWeights(await source(checkpoint(rename, half)), model, remoteclipWeights);
    expect(report.initial).toEqual([]);
    expect(model.written.size).toBe(model.shapes.size);
    expect(model.written.get('visual.conv1.weight')!.data[0]).toBe(1.5);
  });

  it('resizes the table of positions for other sides of pictures', async () => {
    const model = new Model(96);
    const { reshaped } = await loadWeights(await source(checkpoint((name) => [name])), model, remoteclipWeights);
    expect(reshaped.map(({ name }) => name)).toEqual(['visual.attnpool.positional_embedding']);
    expect(model.written.get('visual.attnpool.positional_embedding')!.shape).toEqual([10, 128]);
  });
});

describe('textActivationOf', () => {
  const one: Tensors = new Map([['logit_scale', { dtype: 'F32', shape: [1], data: Float32Array.of(4.6) }]]);
  const openai: Tensors = new Map([...one, ['vocab_size', { dtype: 'F32', shape: [1], data: Float32Array.of(49408) }]]);

  it('reads it from what we saved, what the file holds, or its name', async () => {
    const card = { version: 1, task: 'remoteclip-detector', preset: '', facts: {}, step: 1, epoch: 1, metric: null };
    const saved = cardMetadata({ ...card, version: 1, weights: 'raw', settings: { textActivation: 'quick_gelu' } });
    expect(textActivationOf(await source(one, 'own.safetensors', saved))).toBe('quick_gelu');
    expect(textActivationOf(await source(one, 'files/RemoteCLIP-RN50.safetensors'))).toBe('gelu');
    expect(textActivationOf(await source(openai, 'RN50.safetensors'))).toBe('quick_gelu');
    expect(textActivationOf(await source(one, 'rn50-quickgelu-cc12m.safetensors'))).toBe('quick_gelu');
  });

  it('refuses to guess', async () => {
    const unknown = await source(one, 'rn50.safetensors');
    expect(() => textActivationOf(unknown)).toThrow(
      expect.objectContaining({ code: 'remoteclip-detector-text-activation' }) as Error,
    );
    const both = await source(openai, 'RemoteCLIP-RN50.safetensors');
    expect(() => textActivationOf(both)).toThrow(
      expect.objectContaining({ code: 'remoteclip-detector-text-activation' }) as Error,
    );
  });
});
