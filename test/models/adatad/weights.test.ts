// Published checkpoints in the action detector: VideoMAE's own names, mmaction's, OpenTAD's with their averages.
import { describe, expect, it } from 'vitest';
import { Graph, type ParameterAttributes } from '../../../src/engine/graph/graph';
import { Parameters } from '../../../src/engine/graph/parameters';
import { sizeOf, type Tensor } from '../../../src/engine/graph/tensor';
import { interpolate } from '../../../src/engine/ops/interpolate';
import type { DataFile } from '../../../src/formats/dataFile';
import { openWeights } from '../../../src/formats/openWeights';
import { writeSafetensors } from '../../../src/formats/safetensors';
import type { StoredTensor } from '../../../src/formats/storedTensor';
import { sinusoidTable } from '../../../src/models/adatad/chunks';
import { published, type AdatadConfig } from '../../../src/models/adatad/config';
import { detectionLoss } from '../../../src/models/adatad/loss';
import { adatad, BACKBONE_PATH } from '../../../src/models/adatad/model';
import { adatadWeights } from '../../../src/models/adatad/weights';
import type { NamedTensor, WeightTarget } from '../../../src/training/runtime';
import { loadWeights } from '../../../src/training/weights/loadWeights';
import { compare } from '../../helpers/golden';
import { openDevice } from '../../helpers/gpu';
import { runGraph, targets } from '../../helpers/runGraph';
import { orderedDict, tensor, zipPth, type Pickled } from '../../formats/torchFiles';

type Shapes = ReadonlyMap<string, readonly number[]>;

const narrow: AdatadConfig = {
  frames: 32,
  side: 32,
  backbone: { ...published.backbone, width: 24, depth: 2, heads: 2, tableSide: 4 },
  detector: { ...published.detector, channels: 16, heads: 2, levels: 2, classes: 3 },
};

/** The whole state_dict. */
function shapesOf(config: AdatadConfig): Shapes {
  const graph = new Graph();
  const p = new Parameters(graph);
  const output = adatad(p, graph.input('chunks', [2, 16, 3, 32, 32]), graph.input('mask', [1, 32]), config, {
    training: false,
  });
  const [classes, distances] = [
    graph.input('classes', output.logits.shape),
    graph.input('distances', output.distances.shape),
  ];
  detectionLoss(p.at('rpn_head'), output, { classes, distances });
  const attributes = [...graph.parameters.values()].map((one) => one.node.attributes as ParameterAttributes);
  return new Map(attributes.map(({ name, shape }) => [name, shape]));
}

class Model implements WeightTarget {
  readonly shapes: Shapes;
  readonly written = new Map<string, NamedTensor>();
  constructor(config: AdatadConfig) {
    this.shapes = shapesOf(config);
  }
  writeWeight(name: string, one: NamedTensor): Promise<void> {
    this.written.set(name, one);
    return Promise.resolve();
  }
}

/** VideoMAE's part of the state_dict under its names, fine-tuned or not. */
function videoMae(
  model: Model,
  rename: (name: string) => string,
  more: readonly string[],
): Map<string, readonly number[]> {
  const own = [...model.shapes].filter(
    ([name]) => name.startsWith(BACKBONE_PATH) && !/adapter|pos_embed|fc_norm/.test(name),
  );
  const named = own.map(([name, shape]) => [rename(name.slice(BACKBONE_PATH.length + 1)), shape] as const);
  return new Map([...named, ...more.map((name) => [name, [5]] as const)]);
}

const official = (name: string): string =>
  name
    .replace('patch_embed.projection', 'patch_embed.proj')
    .replace('mlp.layers.0.0', 'mlp.fc1')
    .replace('mlp.layers.1', 'mlp.fc2');

/** transformers' VideoMAEForVideoClassification; `QKV` stands for one of three. */
const huggingFace = (name: string): string =>
  `videomae.${name
    .replace('patch_embed.', 'embeddings.patch_embeddings.')
    .replace(/^blocks\.(\d+)\./, 'encoder.layer.$1.')
    .replace('attn.qkv.', 'attention.attention.QKV.')
    .replace(/attn\.([qv]_bias)/, 'attention.attention.$1')
    .replace('attn.proj.', 'attention.output.dense.')
    .replace('norm1.', 'layernorm_before.')
    .replace('norm2.', 'layernorm_after.')
    .replace('mlp.layers.0.0.', 'intermediate.dense.')
    .replace('mlp.layers.1.', 'output.dense.')}`;

function safetensors(shapes: Shapes): DataFile {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shape] of shapes)
    tensors.set(name, { dtype: 'F32', shape, data: new Float32Array(sizeOf(shape)).fill(0.5) });
  return { path: 'w.safetensors', blob: new Blob([writeSafetensors(tensors)]) };
}

function pth(groups: Readonly<Record<string, { shapes: Shapes; value: number }>>): DataFile {
  const storages: Record<string, Float32Array> = {};
  const pickled: Record<string, Pickled> = { epoch: 3 };
  for (const [key, { shapes, value }] of Object.entries(groups)) {
    const count = Math.max(...[...shapes.values()].map(sizeOf));
    storages[key] = new Float32Array(count).fill(value);
    const entries = [...shapes].map(([name, shape]) => [name, tensor({ key, type: 'Float', count, shape })] as const);
    pickled[key] = orderedDict(Object.fromEntries(entries));
  }
  return { path: 'epoch_59.pth', blob: new Blob([zipPth(pickled, storages)]) };
}

const load = async (model: Model, file: DataFile) => loadWeights(await openWeights([file]), model, adatadWeights);

describe('a checkpoint of VideoMAE', () => {
  const wrappings: Record<string, [rename: (name: string) => string, more: readonly string[]]> = {
    'fine-tuned': [official, ['head.weight', 'head.bias']],
    'of the encoder with its decoder': [
      (name) => `encoder.${official(name)}`,
      ['mask_token', 'encoder.norm.weight', 'decoder.head.bias', 'encoder_to_decoder.weight'],
    ],
    'of mmaction': [(name) => `backbone.${name}`, ['cls_head.fc_cls.bias']],
  };
  it.each(Object.entries(wrappings))('%s fills the transformer and nothing else', async (_name, [rename, more]) => {
    const model = new Model(narrow);
    const report = await load(model, safetensors(videoMae(model, rename, more)));
    const transformer = [...model.shapes.keys()].filter(
      (name) => name.startsWith(BACKBONE_PATH) && !/adapter|pos_embed|fc_norm/.test(name),
    );
    expect([...report.matched].sort()).toEqual(transformer.sort());
    expect(report).toMatchObject({ unused: [], wrongShape: [] });
    expect(report.initial).toContain('rpn_head.cls_head.weight');
  });

  it('of Hugging Face joins query, key and value', async () => {
    const model = new Model(narrow);
    const place = `${BACKBONE_PATH}.`;
    const own = [...model.shapes].filter(([name]) => name.startsWith(place) && !/adapter|pos_embed|fc_norm/.test(name));
    const values = new Map<string, StoredTensor>([
      ['classifier.bias', { dtype: 'F32', shape: [5], data: new Float32Array(5) }],
    ]);
    for (const [name, shape] of own) {
      const [rows = 1, ...others] = shape;
      const parts = name.endsWith('qkv.weight') ? ['query', 'key', 'value'] : [''];
      // The last part first: the order of a file's tensors is nobody's promise.
      for (const [number, part] of [...parts.entries()].reverse()) {
        const data = new Float32Array(sizeOf(shape) / parts.length).fill(number + 1);
        const at = huggingFace(name.slice(place.length)).replace('QKV', part);
        values.set(at, { dtype: 'F32', shape: [rows / parts.length, ...others], data });
      }
    }
    const report = await load(model, { path: 'w.safetensors', blob: new Blob([writeSafetensors(values)]) });
    expect([...report.matched].sort()).toEqual(own.map(([name]) => name).sort());
    expect(report).toMatchObject({ unused: [], wrongShape: [] });
    const joined = model.written.get(`${place}blocks.1.attn.qkv.weight`)!.data;
    const third = joined.length / 3;
    expect([joined[0], joined[third - 1], joined[third], joined[2 * third], joined.at(-1)]).toEqual([1, 1, 2, 3, 3]);
  });

  it('of another width is refused', async () => {
    const wide = new Model({ ...narrow, backbone: { ...narrow.backbone, width: 48 } });
    const file = safetensors(videoMae(wide, official, []));
    await expect(load(new Model(narrow), file)).rejects.toMatchObject({ code: 'weights-other-model' });
  });
});

describe('a checkpoint of OpenTAD', () => {
  it('gives its moving average, all of it', async () => {
    const model = new Model(narrow);
    const prefixed = new Map([...model.shapes].map(([name, shape]) => [`module.${name}`, shape]));
    const file = pth({ state_dict: { shapes: prefixed, value: 1 }, state_dict_ema: { shapes: prefixed, value: 2 } });
    const report = await load(model, file);
    expect(report).toMatchObject({ group: 'state_dict_ema', initial: [], unused: [], wrongShape: [] });
    expect([...model.written.values()].every(({ data }) => data[0] === 2)).toBe(true);
  });

  it('of other classes keeps its first head', async () => {
    const model = new Model(narrow);
    const shapes = new Map(model.shapes)
      .set('rpn_head.cls_head.weight', [20, 16, 3])
      .set('rpn_head.cls_head.bias', [20]);
    const report = await load(model, safetensors(shapes));
    expect(report.wrongShape.map(({ name }) => name)).toEqual(['rpn_head.cls_head.weight', 'rpn_head.cls_head.bias']);
    expect(report.matched).toHaveLength(model.shapes.size - 2);
  });
});

it('resizes a table of positions as the model does', async () => {
  const { device } = await openDevice();
  const [from, to, width] = [4, 3, 24];
  const name = `${BACKBONE_PATH}.pos_embed`;
  const table = sinusoidTable(from, width);
  const resize = adatadWeights.resize!(name, [1, 8 * from * from, width], [1, 8 * to * to, width]);
  const { outputs } = await runGraph(
    device,
    targets(device)[0]!.target,
    { x: { shape: [8, from, from, width], data: table } },
    (_graph, { x }) => ({ y: interpolate(x as Tensor, { size: [to, to], mode: 'cubic', axes: [1, 2] }) }),
  );
  device.destroy();
  expect(compare('table', resize!(table), outputs['y']!, { atol: 1e-6 }).ok).toBe(true);
  expect(adatadWeights.resize!(name, [1, 8 * from * from, 48], [1, 8 * to * to, width])).toBeNull();
  expect(adatadWeights.resize!('neck.fpn_norms.0.weight', [16], [32])).toBeNull();
});
