// CLIP's and FG-CLIP's checkpoints in the anomaly detector: every name finds its place, fused and transposed ones too.
import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engine/graph/graph';
import { Parameters } from '../../../src/engine/graph/parameters';
import { sizeOf } from '../../../src/engine/graph/tensor';
import type { DataFile } from '../../../src/formats/dataFile';
import { openWeights } from '../../../src/formats/openWeights';
import { writeSafetensors } from '../../../src/formats/safetensors';
import type { StoredTensor } from '../../../src/formats/storedTensor';
import type { FgclipConfig } from '../../../src/models/fgclip-vad/config';
import { frameFeatures, regionFeatures, textFeatures } from '../../../src/models/fgclip-vad/model';
import { temporal } from '../../../src/models/fgclip-vad/temporal';
import { fgclipWeights } from '../../../src/models/fgclip-vad/weights';
import type { NamedTensor, WeightTarget } from '../../../src/training/runtime';
import { loadWeights } from '../../../src/training/weights/loadWeights';
import { hashValues } from '../../helpers/hashValues';

const config: FgclipConfig = {
  vision: { width: 8, layers: 1, heads: 2, inner: 32, patch: 16, side: 64 },
  text: { width: 12, layers: 1, heads: 2, inner: 48, vocabulary: 50, shortLength: 22, longLength: 28, kept: 20 },
  temporal: { layers: 1, heads: 2, inner: 24, attentionInner: 4, dropout: 0 },
  features: 6,
};

class Model implements WeightTarget {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly written = new Map<string, NamedTensor>();
  constructor(side = 64) {
    const graph = new Graph();
    const p = new Parameters(graph);
    const own = { ...config, vision: { ...config.vision, side } };
    const { dense } = frameFeatures(p, graph.input('frame', [1, 3, side, side]), own, { dense: true });
    regionFeatures(p, dense!, own);
    textFeatures(p, graph.input('short', [1, 22], 'u32'), own, 'short');
    textFeatures(p, graph.input('long', [1, 28], 'u32'), own, 'long');
    temporal(p, graph.input('frames', [1, 2, 6]), own.temporal, { training: true });
    this.shapes = new Map([...graph.parameters].map(([name, { shape }]) => [name, shape]));
  }
  writeWeight(name: string, one: NamedTensor): Promise<void> {
    this.written.set(name, one);
    return Promise.resolve();
  }
  floats(name: string): Float32Array {
    return this.written.get(name)!.data as Float32Array;
  }
}

const block = (width: number): Readonly<Record<string, readonly number[]>> => ({
  'attn.in_proj_weight': [3 * width, width],
  'attn.in_proj_bias': [3 * width],
  'attn.out_proj.weight': [width, width],
  'attn.out_proj.bias': [width],
  'ln_1.weight': [width],
  'ln_1.bias': [width],
  'ln_2.weight': [width],
  'ln_2.bias': [width],
  'mlp.c_fc.weight': [4 * width, width],
  'mlp.c_fc.bias': [4 * width],
  'mlp.c_proj.weight': [width, 4 * width],
  'mlp.c_proj.bias': [width],
});

/** OpenAI's state_dict of these sizes. */
function openai(): Record<string, readonly number[]> {
  const shapes: Record<string, readonly number[]> = {
    'visual.class_embedding': [8],
    'visual.positional_embedding': [17, 8],
    'visual.conv1.weight': [8, 3, 16, 16],
    'visual.proj': [8, 6],
    positional_embedding: [22, 12],
    'token_embedding.weight': [50, 12],
    text_projection: [12, 6],
    logit_scale: [],
    input_resolution: [],
    context_length: [],
  };
  for (const norm of ['visual.ln_pre', 'visual.ln_post'])
    for (const k of ['weight', 'bias']) shapes[`${norm}.${k}`] = [8];
  for (const k of ['weight', 'bias']) shapes[`ln_final.${k}`] = [12];
  for (const [name, shape] of Object.entries(block(8))) shapes[`visual.transformer.resblocks.0.${name}`] = shape;
  for (const [name, shape] of Object.entries(block(12))) shapes[`transformer.resblocks.0.${name}`] = shape;
  return shapes;
}

async function load(shapes: Record<string, readonly number[]>, model: Model) {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shape] of Object.entries(shapes))
    tensors.set(name, { dtype: 'F32', shape, data: Float32Array.from(hashValues(name, sizeOf(shape))) });
  const file: DataFile = { path: 'clip.safetensors', blob: new Blob([writeSafetensors(tensors)]) };
  const source = await openWeights([file]);
  const report = await loadWeights(source, model, fgclipWeights(Object.keys(shapes)));
  return { report, values: (name: string) => tensors.get(name)!.data as Float32Array };
}

const temporalNames = /^temporal_/;

describe('fgclipWeights', () => {
  it.each([
    ['OpenAI', (name: string) => name],
    [
      'newer open_clip',
      (name: string) => (name.startsWith('visual.') || name === 'logit_scale' ? name : `text.${name}`),
    ],
  ])('fills both towers from the names of %s', async (_who, rename) => {
    const model = new Model();
    const shapes = Object.fromEntries(Object.entries(openai()).map(([name, shape]) => [rename(name), shape]));
    const { report, values } = await load(shapes, model);
    expect(report.initial.filter((name) => !temporalNames.test(name))).toEqual([]);
    expect(report.wrongShape).toEqual([]);
    const fused = values('visual.transformer.resblocks.0.attn.in_proj_weight');
    const keys = model.floats('vision_model.encoder.layers.0.self_attn.k_proj.weight');
    expect([...keys]).toEqual([...fused.subarray(64, 128)]);
    const bias = model.floats('vision_model.encoder.layers.0.self_attn.v_proj.bias');
    expect([...bias]).toEqual([...values('visual.transformer.resblocks.0.attn.in_proj_bias').subarray(16)]);
    const projection = model.floats('visual_projection.weight');
    expect(projection[8 + 3]).toBe(values('visual.proj')[3 * 6 + 1]);
    expect([...model.floats('roi_projection.weight')]).toEqual([...projection]);
    const filip = model.floats('text_filip_projection.weight');
    expect([...filip]).toEqual([...model.floats('text_projection.weight')]);
    const [short, long] = ['position_embedding', 'position_embedding_res'].map((name) =>
      model.floats(`text_model.embeddings.${name}.weight`),
    );
    expect([...long!.subarray(0, 240)]).toEqual([...short!.subarray(0, 240)]);
    expect(long![21 * 12]).toBeCloseTo((3 * short![20 * 12]! + short![21 * 12]!) / 4, 6);
    expect(long![27 * 12]).toBeCloseTo(short![21 * 12]! + (3 * (short![21 * 12]! - short![20 * 12]!)) / 4, 6);
  });

  it('leaves tables and projections that a file has as they are there', async () => {
    const model = new Model();
    const shapes = Object.fromEntries([...model.shapes].filter(([name]) => !temporalNames.test(name)));
    const { report, values } = await load({ ...shapes, 'text_model.embeddings.position_ids': [1, 22] }, model);
    expect(report.initial.filter((name) => !temporalNames.test(name))).toEqual([]);
    expect(report.unused).toEqual([]);
    for (const name of ['roi_projection.weight', 'text_model.embeddings.position_embedding_ori.weight'])
      expect([...model.floats(name)]).toEqual([...values(name)]);
  });

  it('resizes the positions of patches', async () => {
    const { report } = await load(openai(), new Model(96));
    expect(report.reshaped.map(({ name }) => name)).toEqual(['vision_model.embeddings.position_embedding.weight']);
  });

  it('refuses a file without one tower', async () => {
    const model = new Model();
    const shapes = Object.fromEntries(Object.entries(openai()).filter(([name]) => name.startsWith('visual.')));
    await expect(load({ ...shapes, ...modelText(model, 8) }, model)).rejects.toThrow(
      expect.objectContaining({ code: 'fgclip-vad-half-tower' }) as Error,
    );
  });
});

/** A few of the text tower's own tensors, so that the whole file is not refused at once. */
function modelText(model: Model, count: number): Record<string, readonly number[]> {
  const own = [...model.shapes].filter(([name]) => name.startsWith('text_model.encoder'));
  return Object.fromEntries(own.slice(0, count));
}
