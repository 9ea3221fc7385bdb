// What an action detector trains, what it skips at random, and how its windows may be cut into pieces.
import { describe, expect, it } from 'vitest';
import { Graph, type ParameterAttributes } from '../../../src/engine/graph/graph';
import { Parameters } from '../../../src/engine/graph/parameters';
import { narrow, published, type AdatadConfig } from '../../../src/models/adatad/config';
import { adatad, type DetectorOutput } from '../../../src/models/adatad/model';

function trace(config: AdatadConfig, training: boolean, pieces = 1) {
  const graph = new Graph();
  const { frames, side } = config;
  const shape = [frames / 16, 16, 3, side, side];
  const chunks = pieces === 1 ? graph.input('chunks', shape) : graph.stream('chunks', shape, pieces);
  const mask = graph.input('mask', [1, frames]);
  const output: DetectorOutput = adatad(new Parameters(graph), chunks, mask, config, { training, pieces });
  const parameters = [...graph.parameters.values()].map((one) => one.node.attributes as ParameterAttributes);
  return { graph, output, parameters };
}

const trained = (config: AdatadConfig): string[] =>
  trace(config, true).parameters.flatMap(({ name, trainable }) => (trainable ? [name] : []));

describe('adatad', () => {
  it('trains adapters and detector, or everything that a result depends on', () => {
    const inBackbone = (name: string): boolean => name.startsWith('backbone.');
    const adapters = trained({ ...narrow, backbone: { ...narrow.backbone, trained: 'adapters' } }).filter(inBackbone);
    expect(adapters).toHaveLength(9 * narrow.backbone.depth);
    expect(adapters.every((name) => name.includes('.adapter.'))).toBe(true);
    const all = trained(narrow).filter(inBackbone);
    expect(all).toContain('backbone.model.backbone.patch_embed.projection.weight');
    expect(all.filter((name) => /pos_embed|fc_norm/.test(name))).toEqual([]);
  });

  it('skips branches in training only, the first block never', () => {
    const dropouts = (training: boolean): number =>
      trace({ ...published, frames: 32 }, training).graph.nodes.filter(({ op }) => op.name === 'dropout').length;
    expect(dropouts(false)).toBe(0);
    // Two branches in eleven of the twelve blocks of the backbone, and in seven blocks of the detector.
    expect(dropouts(true)).toBe(2 * 11 + 2 * 7);
  });

  it('has as many points whatever the pieces are', () => {
    const points = 128 * (1 + 1 / 2 + 1 / 4 + 1 / 8 + 1 / 16);
    for (const pieces of [1, 2, 8]) {
      const { output } = trace(narrow, false, pieces);
      expect(output.logits.shape).toEqual([1, points, narrow.detector.classes]);
      expect(output.distances.shape).toEqual([1, points, 2]);
      expect(output.mask.shape).toEqual([1, points]);
    }
  });
});
