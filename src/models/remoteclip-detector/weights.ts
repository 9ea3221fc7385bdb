// What published CLIP RN50 checkpoints need beyond equal names, and which activation their text tower was trained with.
import { UserError } from '../../errors';
import type { WeightSource } from '../../formats/openWeights';
import type { ClipActivation } from '../../layers/residualAttentionBlock';
import { readCard } from '../../training/weights/modelCard';
import { resizePositionTable } from '../../training/weights/positionTable';
import type { WeightRules } from '../../training/weights/weightRules';

/** Of OpenAI's own files: settings, no weights. */
const settings = /^(input_resolution|context_length|vocab_size|logit_scale)$/;

/**
 * Ours for a name of a file. Newer open_clip keeps the text tower under `text.`; the seed's checkpoints hold CLIP twice,
 * of which the picture tower counts in one and the text tower in the other.
 */
function ownName(name: string): string | null {
  const twice = /^(image|text)_encoder\.(?:model\.)?(.*)$/.exec(name);
  if (twice) return (twice[1] === 'image') === twice[2]!.startsWith('visual.') ? twice[2]! : null;
  return name.replace(/^text\./, '');
}

const detector =
  /^(class_features|input_proj|level_embed|query_initializer|text_conditioner|context_gating|decoder_layers|classification_head|regression_head|place_proposal|box_position)\b/;

/** Whether a name is the detector's own, of neither tower. */
export function isDetector(name: string): boolean {
  return detector.test(name);
}

const table = 'visual.attnpool.positional_embedding';

export const remoteclipWeights: WeightRules = {
  place(name, shape) {
    const own = ownName(name);
    return own === null || settings.test(own) ? [] : [{ name: own, shape }];
  },
  resize(name, from, to) {
    const grid = (rows = 0): number => Math.sqrt(rows - 1);
    if (name !== table || from[1] !== to[1] || !Number.isInteger(grid(from[0]))) return null;
    const sides = { from: [grid(from[0]), grid(from[0])], to: [grid(to[0]), grid(to[0])] } as const;
    return (values) => resizePositionTable(values, { ...sides, keptRows: 1 });
  },
  // CLIP has nothing of the detector.
  startsFresh: isDetector,
};

/**
 * The activation that a file's text tower was trained with: as our card says, or told by the settings that only OpenAI's
 * files hold, or by the file's name. Names and shapes of weights are the same for both.
 * @throws UserError `remoteclip-detector-text-activation` where nothing tells.
 */
export function textActivationOf({ path, metadata, tensors }: WeightSource): ClipActivation {
  const saved = readCard(metadata, path)?.settings['textActivation'];
  if (saved === 'gelu' || saved === 'quick_gelu') return saved;
  const file = path.toLowerCase().slice(path.lastIndexOf('/') + 1);
  const told: ClipActivation[] = [];
  if (
    tensors.some(({ name }) => /(^|\.)(input_resolution|context_length|vocab_size)$/.test(name)) ||
    /quick_?gelu|openai/.test(file)
  )
    told.push('quick_gelu');
  // open_clip builds the plain name RN50 with erf, and RemoteCLIP and the seed's runs are used that way.
  if (
    /remoteclip/.test(file) ||
    tensors.some(({ group, name }) => /(^|[/.])text_encoder([/.]|$)/.test(`${group}/${name}`))
  )
    told.push('gelu');
  const [activation, other] = told;
  if (activation !== undefined && other === undefined) return activation;
  throw new UserError(
    'remoteclip-detector-text-activation',
    `Nothing in this file tells whether its text tower was trained with GELU or QuickGELU, and the wrong one spoils the texts' features. Set the text activation: gelu for RemoteCLIP, quick_gelu for OpenAI's weights (${path})`,
    { path },
  );
}
