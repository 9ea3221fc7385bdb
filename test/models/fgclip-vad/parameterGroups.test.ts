// Which parameters learn slower and which decay.
import { describe, expect, it } from 'vitest';
import { parameterGroup } from '../../../src/models/fgclip-vad/parameterGroups';

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
