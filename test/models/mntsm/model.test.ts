// What a clip classifier leaves untrained, where it shifts, and what of it dropout and freezing change.
import { describe, expect, it } from 'vitest';
import { Graph, type ParameterAttributes } from '../../../src/engine/graph/graph';
import { Parameters } from '../../../src/engine/graph/parameters';
import { sizeOf } from '../../../src/engine/graph/tensor';
import { architectures, layersOf, type ArchitectureName } from '../../../src/models/mntsm/architecture';
import type { MntsmConfig } from '../../../src/models/mntsm/config';
import { mntsmModel } from '../../../src/models/mntsm/model';
import { layersInShare, normNames, shiftSites } from '../../../src/models/mntsm/places';

const config: MntsmConfig = {
  architecture: architectures.mobilenetv4_conv_small_050,
  segments: 4,
  shift: { placement: 'depthwise', foldDivisor: 4, first: 'past', edges: 'replicate' },
  pooling: 'learned',
  dropout: 0.3,
  frozenNorms: { layers: 2, what: 'both' },
  headStart: 'linear',
};

function trace(changes: Partial<MntsmConfig> = {}): { graph: Graph; attributes: Map<string, ParameterAttributes> } {
  const graph = new Graph();
  mntsmModel(
    new Parameters(graph),
    graph.input('clips', [1, 4, 3, 32, 32]),
    { ...config, ...changes },
    { training: true },
  );
  const all = [...graph.parameters.values()].map((one) => one.node.attributes as ParameterAttributes);
  return { graph, attributes: new Map(all.map((one) => [one.name, one])) };
}

const frozenNorms = ['bn1', 'blocks.0.0.bn1'];

describe('mntsmModel', () => {
  it.each([
    ['mobilenetv4_conv_small_050', 959_233],
    ['mobilenetv4_conv_small', 2_494_305],
    ['mobilenetv4_conv_medium', 8_435_793],
  ] as const)('%s has %d parameters with one class', (name: ArchitectureName, count) => {
    const { attributes } = trace({ architecture: architectures[name], pooling: 'mean' });
    const weights = [...attributes.values()].filter(({ name: key }) => !/running_(mean|var)$/.test(key));
    expect(weights.reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(count);
  });

  it('freezes statistics and weights of the first normalisations only', () => {
    const { graph, attributes } = trace();
    for (const norm of normNames(config.architecture)) {
      const frozen = frozenNorms.includes(norm);
      expect(attributes.get(`${norm}.weight`)?.trainable, norm).toBe(!frozen);
      expect(graph.updates.has(`${norm}.running_mean`), norm).toBe(!frozen);
      expect(graph.counters.get(`${norm}.num_batches_tracked`), norm).toBe(frozen ? 0 : 1);
    }
  });

  it('freezes either of them alone', () => {
    const statistics = trace({ frozenNorms: { layers: 2, what: 'statistics' } });
    expect(statistics.attributes.get('bn1.bias')?.trainable).toBe(true);
    expect(statistics.graph.updates.has('bn1.running_var')).toBe(false);
    const affine = trace({ frozenNorms: { layers: 2, what: 'affine' } });
    expect(affine.attributes.get('bn1.bias')?.trainable).toBe(false);
    expect(affine.graph.updates.has('bn1.running_var')).toBe(true);
  });

  it('has attention weights only where they are learned', () => {
    expect(trace().attributes.has('attn.weight')).toBe(true);
    expect(trace({ pooling: 'logit' }).attributes.has('attn.weight')).toBe(false);
  });

  it('starts the classifier as told', () => {
    const start = (headStart: MntsmConfig['headStart']) => trace({ headStart }).attributes.get('classifier.weight');
    expect(start('linear')?.initializer).toEqual({ kind: 'uniform', bound: 1 / Math.sqrt(1280) });
    expect(start('timm')?.initializer).toEqual({ kind: 'uniform', bound: 1 });
  });
});

describe('shiftSites', () => {
  it.each([
    ['mobilenetv4_conv_small', 15, 10],
    ['mobilenetv4_conv_medium', 30, 18],
  ] as const)(
    '%s has %d sites before depthwise convolutions and %d inside residual blocks',
    (name, depthwise, residual) => {
      expect(shiftSites(architectures[name], 'depthwise')).toHaveLength(depthwise);
      expect(shiftSites(architectures[name], 'residual')).toHaveLength(residual);
      expect(shiftSites(architectures[name], 'none')).toEqual([]);
    },
  );

  it('cuts all convolutions into three parts', () => {
    const { stem, blocks, head } = layersOf(architectures.mobilenetv4_conv_small);
    const all = [stem, ...blocks.flatMap(({ layers }) => layers), head].map(({ conv }) => conv);
    const parts = (['early', 'middle', 'late'] as const).map((third) =>
      shiftSites(architectures.mobilenetv4_conv_small, third),
    );
    expect(parts.flat()).toEqual(all);
    expect(parts.map((part) => part.length)).toEqual([15, 15, 16]);
  });
});

describe('layersInShare', () => {
  it.each([
    ['mobilenetv4_conv_small', 0.3333, 15],
    ['mobilenetv4_conv_medium', 1 / 3, 25],
    ['mobilenetv4_conv_small', 1, 46],
    ['mobilenetv4_conv_small', 0, 0],
  ] as const)('%s: %d of its normalisations are %d', (name, share, count) => {
    expect(layersInShare(architectures[name], share)).toBe(count);
  });
});
