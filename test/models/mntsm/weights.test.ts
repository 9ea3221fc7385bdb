// Published checkpoints in the clip classifier: timm's backbones and upstream's whole models find their places.
import { describe, expect, it } from 'vitest';
import { openWeights } from '../../../src/formats/openWeights';
import { type DataFile } from '../../../src/formats/dataFile';
import { writeSafetensors } from '../../../src/formats/safetensors';
import type { StoredTensor } from '../../../src/formats/storedTensor';
import { Graph, type ParameterAttributes } from '../../../src/engine/graph/graph';
import { Parameters } from '../../../src/engine/graph/parameters';
import { sizeOf } from '../../../src/engine/graph/tensor';
import { architectures, type ArchitectureName } from '../../../src/models/mntsm/architecture';
import type { MntsmConfig } from '../../../src/models/mntsm/config';
import { mntsmModel } from '../../../src/models/mntsm/model';
import { shiftSites, type ShiftPlacement } from '../../../src/models/mntsm/places';
import { mntsmWeights } from '../../../src/models/mntsm/weights';
import { loadWeights } from '../../../src/training/weights/loadWeights';
import type { NamedTensor, WeightTarget } from '../../../src/training/runtime';
import { orderedDict, tensor, zipPth, type Pickled } from '../../formats/torchFiles';

type Shapes = ReadonlyMap<string, readonly number[]>;

const fresh = ['attn.weight', 'classifier.bias', 'classifier.weight'];

/** The whole state_dict of the classifier. */
function shapesOf(name: ArchitectureName): Shapes {
  const config: MntsmConfig = {
    architecture: architectures[name],
    segments: 2,
    shift: { placement: 'depthwise', foldDivisor: 4, first: 'past', edges: 'replicate' },
    pooling: 'learned',
    dropout: 0,
    frozenNorms: { layers: 0, what: 'both' },
    headStart: 'linear',
  };
  const graph = new Graph();
  mntsmModel(new Parameters(graph), graph.input('clips', [1, 2, 3, 32, 32]), config, { training: true });
  const attributes = [...graph.parameters.values()].map((one) => one.node.attributes as ParameterAttributes);
  return new Map([
    ...attributes.map(({ name: key, shape }) => [key, shape] as const),
    ...[...graph.counters.keys()].map((key) => [key, []] as const),
  ]);
}

class Model implements WeightTarget {
  readonly shapes: Shapes;
  readonly written = new Map<string, NamedTensor>();
  constructor(name: ArchitectureName) {
    this.shapes = shapesOf(name);
  }
  writeWeight(name: string, one: NamedTensor): Promise<void> {
    this.written.set(name, one);
    return Promise.resolve();
  }
}

/** What timm publishes: no attention, another number of classes. */
function timmShapes(name: ArchitectureName, classes: number): Shapes {
  const shapes = new Map(shapesOf(name));
  shapes.delete('attn.weight');
  return shapes.set('classifier.weight', [classes, 1280]).set('classifier.bias', [classes]);
}

/** Upstream's names: the backbone is wrapped, and so is every convolution that shifts. */
function upstreamShapes(name: ArchitectureName, placement: ShiftPlacement): Shapes {
  const sites = new Set(shiftSites(architectures[name], placement));
  const wrapped = (key: string): string => {
    const module = key.slice(0, key.lastIndexOf('.'));
    return `backbone.${sites.has(module) ? `${module}.conv.weight` : key}`;
  };
  const timm = [...timmShapes(name, 1)];
  return new Map(timm.map(([key, shape]) => [wrapped(key), shape]));
}

function safetensors(shapes: Shapes): DataFile {
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shape] of shapes) {
    const tracked = name.endsWith('num_batches_tracked');
    if (tracked) tensors.set(name, { dtype: 'I64', shape, data: BigInt64Array.of(7n) });
    else tensors.set(name, { dtype: 'F32', shape, data: new Float32Array(sizeOf(shape)).fill(0.5) });
  }
  return { path: 'w.safetensors', blob: new Blob([writeSafetensors(tensors)]) };
}

/** A checkpoint of a training script, whose tensors are views of one storage. */
function pth(shapes: Shapes, wrap: (weights: Pickled) => Pickled): DataFile {
  const count = Math.max(...[...shapes.values()].map(sizeOf));
  const entries = [...shapes].map(
    ([name, shape]) => [name, tensor({ key: '0', type: 'Float', count, shape })] as const,
  );
  const pickled = wrap(orderedDict(Object.fromEntries(entries)));
  return { path: 'best.pth', blob: new Blob([zipPth(pickled, { 0: new Float32Array(count) })]) };
}

const load = async (model: Model, file: DataFile) => loadWeights(await openWeights([file]), model, mntsmWeights);

describe('a backbone of timm', () => {
  it.each([
    ['mobilenetv4_conv_small_050', 1000],
    ['mobilenetv4_conv_medium', 11_821],
  ] as const)('%s with %i classes fills all but the classifier and the attention', async (name, classes) => {
    const model = new Model(name);
    const report = await load(model, safetensors(timmShapes(name, classes)));
    expect([...report.initial].sort()).toEqual(fresh);
    expect(report).toMatchObject({ unused: [], wrongShape: [] });
    expect(report.matched).toHaveLength(model.shapes.size - fresh.length);
    expect(model.written.get('blocks.2.0.dw_start.bn.num_batches_tracked')?.data).toEqual(BigInt64Array.of(7n));
  });

  it('loads as .pth, with the prefix of DataParallel too', async () => {
    const model = new Model('mobilenetv4_conv_small_050');
    const shapes = timmShapes('mobilenetv4_conv_small_050', 1000);
    const prefixed = new Map([...shapes].map(([key, shape]) => [`module.${key}`, shape]));
    const report = await load(
      model,
      pth(prefixed, (weights) => ({ state_dict: weights })),
    );
    expect([...report.initial].sort()).toEqual(fresh);
    expect(report.unused).toEqual([]);
  });

  it('of another width is refused before anything is written', async () => {
    const model = new Model('mobilenetv4_conv_small_050');
    const loading = load(model, safetensors(timmShapes('mobilenetv4_conv_small', 1000)));
    await expect(loading).rejects.toMatchObject({ code: 'weights-other-model' });
    expect(model.written.size).toBe(0);
  });
});

describe('a checkpoint of upstream', () => {
  it.each(['depthwise', 'early'] as const)('that shifts %s fills all but the attention', async (placement) => {
    const model = new Model('mobilenetv4_conv_small_050');
    const shapes = upstreamShapes('mobilenetv4_conv_small_050', placement);
    const optimizer = { state: { 0: { exp_avg: orderedDict({}) } } };
    const file = pth(shapes, (weights) => ({
      epoch: 3,
      model_state: weights,
      optimizer_state: optimizer,
      best_auc: 0.9,
    }));
    const report = await load(model, file);
    expect(report).toMatchObject({ group: 'model_state', initial: ['attn.weight'], unused: [], wrongShape: [] });
    expect(model.written.has('classifier.weight')).toBe(true);
  });
});
