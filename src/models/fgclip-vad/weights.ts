// What published CLIP and FG-CLIP checkpoints need beyond equal names: other names, fused and transposed tensors.
import { UserError } from '../../errors';
import { resizePositionTable } from '../../training/weights/positionTable';
import type { WeightReport } from '../../training/weights/weightReport';
import type { Placement, WeightRules } from '../../training/weights/weightRules';

/** Rows at a table's start that long texts read as short ones do. */
const KEPT = 20;
/** A long text's table has so many rows for one of the others. */
const TIMES = 4;

/**
 * The table of positions for long texts that Long-CLIP makes of the one for short texts, arXiv:2403.15378, section 3.1:
 * [rows, width] → [4 · rows − 3 · 20, width].
 */
export function stretchedPositions(values: Float32Array, rows: number): Float32Array {
  const width = values.length / rows;
  const out = new Float32Array((TIMES * rows - (TIMES - 1) * KEPT) * width);
  out.set(values.subarray(0, KEPT * width));
  for (let i = 0; i < rows - KEPT; i++)
    for (let k = 0; k < TIMES; k++)
      for (let c = 0; c < width; c++) {
        const at = (row: number): number => values[row * width + c]!;
        const row = i + KEPT;
        // Past the end the last step goes on.
        const slope = row + 1 < rows ? at(row + 1) - at(row) : at(row) - at(row - 1);
        out[(TIMES * i + KEPT + k) * width + c] = at(row) + (slope * k) / TIMES;
      }
  return out;
}

/** [rows, columns] → [columns, rows]. */
function transposed(values: Float32Array, [rows = 1, columns = 1]: readonly number[]): Float32Array {
  return values.map((_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}

const blockParts: Readonly<Record<string, string>> = {
  'attn.out_proj': 'self_attn.out_proj',
  ln_1: 'layer_norm1',
  ln_2: 'layer_norm2',
  'mlp.c_fc': 'mlp.fc1',
  'mlp.c_proj': 'mlp.fc2',
};

const otherNames: Readonly<Record<string, string>> = {
  'visual.class_embedding': 'vision_model.embeddings.class_embedding',
  'visual.positional_embedding': 'vision_model.embeddings.position_embedding.weight',
  'visual.conv1.weight': 'vision_model.embeddings.patch_embedding.weight',
  'visual.ln_pre.weight': 'vision_model.pre_layrnorm.weight',
  'visual.ln_pre.bias': 'vision_model.pre_layrnorm.bias',
  'visual.ln_post.weight': 'vision_model.post_layernorm.weight',
  'visual.ln_post.bias': 'vision_model.post_layernorm.bias',
  'token_embedding.weight': 'text_model.embeddings.token_embedding.weight',
  positional_embedding: 'text_model.embeddings.position_embedding.weight',
  'ln_final.weight': 'text_model.final_layer_norm.weight',
  'ln_final.bias': 'text_model.final_layer_norm.bias',
};

const projections: Readonly<Record<string, string>> = {
  'visual.proj': 'visual_projection.weight',
  text_projection: 'text_projection.weight',
};

/** A tensor of OpenAI's or open_clip's file under Hugging Face's name; fused projections become three. */
function converted(name: string, shape: readonly number[]): readonly Placement[] {
  const projection = projections[name];
  if (projection !== undefined)
    return [{ name: projection, shape: [...shape].reverse(), take: (values) => transposed(values, shape) }];
  const block = /^(visual\.)?transformer\.resblocks\.(\d+)\.(.+?)(?:_(weight|bias)|\.(weight|bias))$/.exec(name);
  if (!block) return [{ name: otherNames[name] ?? name, shape }];
  const [, visual, layer, part = '', fused, kind = fused] = block;
  const place = `${visual === undefined ? 'text' : 'vision'}_model.encoder.layers.${layer!}`;
  if (part !== 'attn.in_proj') return [{ name: `${place}.${blockParts[part] ?? part}.${kind!}`, shape }];
  const [rows = 0, ...rest] = shape;
  return ['q', 'k', 'v'].map((one, third) => ({
    name: `${place}.self_attn.${one}_proj.${kind!}`,
    shape: [rows / 3, ...rest],
    take: (values) => values.slice((third * values.length) / 3, ((third + 1) * values.length) / 3),
  }));
}

/** What starts as a copy of something else, and how, where a file has none of its own. */
const derived: Readonly<Record<string, { readonly from: string; readonly stretch?: true }>> = {
  'text_filip_projection.weight': { from: 'text_projection.weight' },
  'roi_projection.weight': { from: 'visual_projection.weight' },
  'text_model.embeddings.position_embedding_ori.weight': {
    from: 'text_model.embeddings.position_embedding.weight',
    stretch: true,
  },
  'text_model.embeddings.position_embedding_res.weight': {
    from: 'text_model.embeddings.position_embedding.weight',
    stretch: true,
  },
};

function derivedFrom(one: Placement, name: string): Placement {
  if (derived[name]?.stretch !== true) return { ...one, name };
  const [rows = 0, width = 0] = one.shape;
  const shape = [TIMES * rows - (TIMES - 1) * KEPT, width];
  return {
    name,
    shape,
    take: (values) => stretchedPositions(one.take?.(values) ?? values, rows),
  };
}

/** Settings, places of tokens and the like: known, and not needed. */
const known = /(^|\.)(position_ids|input_resolution|context_length|vocab_size)$/;

/** What CLIP has nothing of, and what the seed saves besides. */
const ownParts =
  /^(temporal_|frame_position|temporal\.|gc\d|linear\.|mlp\d|classifier|region_(image|text)_queue|queue_|training_steps)/;

const bare = (name: string): string => name.replace(/^text\.(?=transformer|token_|positional_|ln_final|text_proj)/, '');

/**
 * Rules for a file that holds tensors of these names. What it lacks and CLIP does not know (tables for long texts, the
 * projections of long texts and of regions) starts from what it has.
 */
export function fgclipWeights(names: Iterable<string>): WeightRules {
  const held = new Set<string>();
  for (const name of names) for (const one of converted(bare(name), [])) held.add(one.name);
  const copies = Object.entries(derived).filter(([name]) => !held.has(name));
  return {
    place(name, shape) {
      if (known.test(name)) return [];
      return converted(bare(name), shape).flatMap((one) => [
        one,
        ...copies.filter(([, { from }]) => from === one.name).map(([copy]) => derivedFrom(one, copy)),
      ]);
    },
    resize(name, from, to) {
      if (name !== 'vision_model.embeddings.position_embedding.weight' || from[1] !== to[1]) return null;
      const [old, grid] = [Math.sqrt((from[0] ?? 0) - 1), Math.sqrt((to[0] ?? 0) - 1)];
      if (!Number.isInteger(old) || !Number.isInteger(grid)) return null;
      return (values) => resizePositionTable(values, { from: [old, old], to: [grid, grid], keptRows: 1 });
    },
    startsFresh: (name) => ownParts.test(name),
    accept: refuseHalfTower,
  };
}

/**
 * Refuses a file of which most of one tower found no place, though the other did: a tower that stays random spoils all
 * that is learned on top.
 * @throws UserError `fgclip-vad-half-tower`.
 */
export function refuseHalfTower(report: WeightReport, shapes: ReadonlyMap<string, unknown>): void {
  const loaded = new Set([...report.matched, ...report.reshaped.map(({ name }) => name)]);
  for (const tower of ['vision', 'text'] as const) {
    const expected = [...shapes.keys()].filter((name) => name.startsWith(`${tower}_model.`));
    const found = expected.filter((name) => loaded.has(name)).length;
    if (2 * found > expected.length || expected.length === 0) continue;
    throw new UserError(
      'fgclip-vad-half-tower',
      `Only ${found} of ${expected.length} weights of the ${tower} tower are in the file: the rest would stay random. Choose a CLIP file of the same architecture (${report.path})`,
      { tower, found, expected: expected.length, path: report.path },
    );
  }
}
