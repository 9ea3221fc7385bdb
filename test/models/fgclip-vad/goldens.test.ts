// The anomaly detector against recorded values, as far as no GPU is needed; and which parameters decay.
import { describe, expect, it } from 'vitest';
import { parameterGroup } from '../../../src/models/fgclip-vad/parameterGroups';
import { metricCases } from '../../goldens/fgclip-vad/metricCases';
import { goldenFolder } from '../../helpers/golden';

const folder = goldenFolder('fgclip-vad');

describe.skipIf(!folder)('recorded values of the anomaly detector', () => {
  it('agrees in metrics', () => {
    const results = metricCases(folder!);
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results.length).toBeGreaterThan(20);
  });
});

describe('parameterGroup', () => {
  it.each([
    ['vision_model.embeddings.class_embedding', 0],
    ['logit_scale', 0],
    ['text_projection.weight', 0],
    ['temporal_transformer.layers.0.self_attn.in_proj_bias', 1],
    ['temporal_transformer.layers.1.norm2.weight', 1],
    ['vision_model.pre_layrnorm.weight', 1],
    ['text_model.embeddings.token_embedding.weight', 2],
    ['text_model.encoder.layers.0.mlp.fc1.weight', 2],
    ['text_model.encoder.layers.0.layer_norm1.weight', 3],
    ['text_model.final_layer_norm.bias', 3],
  ])('puts %s into group %i', (name, group) => {
    expect(parameterGroup(name)).toBe(group);
  });
});
