// What published checkpoints need beyond equal names: VideoMAE's own, mmaction's, and OpenTAD's with their averages.
import { resizePositionTable } from '../../training/weights/positionTable';
import type { WeightRules } from '../../training/weights/weightRules';
import { CHUNK_STEPS } from './config';
import { BACKBONE_PATH } from './model';

/** Of the detector as a whole, as OpenTAD saves it. */
const ofDetector = /^(backbone\.model\.backbone|projection|neck|rpn_head)\./;
/** Of VideoMAE, but not on the way of a feature map: classifier, decoder, what hides patches, the encoder's last norm. */
const notNeeded =
  /^((cls_)?head|decoder|encoder_to_decoder|classifier)\.|^(mask_token|position_embeddings)$|^(layer)?norm\./;
/** Of Hugging Face's, which keep query, key and value apart. */
const apart = ['query', 'key', 'value'] as const;

/**
 * Ours for a name of VideoMAE's, under what wraps it: `encoder` before fine-tuning, `backbone` in mmaction, `videomae`
 * at Hugging Face, where blocks and their parts have other names.
 */
function ownName(name: string): string {
  return name
    .replace(/^videomae\./, '')
    .replace(/^embeddings\.patch_embeddings\./, 'patch_embed.')
    .replace(/^encoder\.layer\.(\d+)\./, 'blocks.$1.')
    .replace(/\.attention\.attention\.([qv]_bias)$/, '.attn.$1')
    .replace(/\.attention\.attention\.(query|key|value)\./, '.attn.qkv.')
    .replace(/\.attention\.output\.dense\./, '.attn.proj.')
    .replace(/\.layernorm_before\./, '.norm1.')
    .replace(/\.layernorm_after\./, '.norm2.')
    .replace(/\.intermediate\.dense\./, '.mlp.layers.0.0.')
    .replace(/\.output\.dense\./, '.mlp.layers.1.')
    .replace(/^(encoder|backbone)\./, '')
    .replace(/^patch_embed\.proj\./, 'patch_embed.projection.')
    .replace(/\.mlp\.fc1\./, '.mlp.layers.0.0.')
    .replace(/\.mlp\.fc2\./, '.mlp.layers.1.');
}

/** Rows and columns of a table [1, 8 · side · side, width], or null where it has none. */
function sideOf([, rows = 0]: readonly number[]): number | null {
  const side = Math.sqrt(rows / CHUNK_STEPS);
  return Number.isInteger(side) ? side : null;
}

/** VideoMAE brings neither adapters nor a detector: both start anew. */
export const adatadWeights: WeightRules = {
  group: 'state_dict_ema',
  place(name, shape) {
    if (ofDetector.test(name)) return [{ name, shape }];
    const own = ownName(name);
    if (notNeeded.test(name) || notNeeded.test(own)) return [];
    const number = apart.findIndex((part) => name.endsWith(`.attention.attention.${part}.weight`));
    return [{ name: `${BACKBONE_PATH}.${own}`, shape, ...(number >= 0 && { part: { number, of: apart.length } }) }];
  },
  resize(name, from, to) {
    const [old, wanted] = [sideOf(from), sideOf(to)];
    const sameWidth = from.length === 3 && from[2] === to[2];
    if (!name.endsWith('.pos_embed') || !sameWidth || old === null || wanted === null) return null;
    return (values) => resizeSteps(values, old, wanted);
  },
  startsFresh: (name) => !name.startsWith(`${BACKBONE_PATH}.`) || /\.(adapter|fc_norm)\.|\.pos_embed$/.test(name),
};

/** The places of each time step by themselves. */
function resizeSteps(values: Float32Array, from: number, to: number): Float32Array {
  const length = values.length / CHUNK_STEPS;
  const grids = { from: [from, from], to: [to, to], keptRows: 0 } as const;
  const steps = Array.from({ length: CHUNK_STEPS }, (_, k) =>
    resizePositionTable(values.subarray(k * length, (k + 1) * length), grids),
  );
  const result = new Float32Array(steps.reduce((sum, step) => sum + step.length, 0));
  steps.forEach((step, k) => result.set(step, k * step.length));
  return result;
}
