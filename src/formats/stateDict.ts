// Which of a checkpoint's dicts is the model's, and its tensors without the prefixes that wrapping a model brings.
import type { WeightSource, WeightTensor } from './openWeights';
import { mayBeWeights } from './weightFile';

/** Keys under which training scripts save a model's state_dict, the likeliest first. */
const wrappers = ['state_dict', 'model_state_dict', 'model', 'module', 'net', 'network', 'weights', 'params'];
/** Put before every name by DataParallel and by torch.compile. */
const wrapperPrefix = /^(module|_orig_mod)\./;

export interface StateDict {
  /** Path of the dict in the file; empty for a file without wrapper. */
  readonly group: string;
  /** Other dicts of the file with tensors, for example `state_dict_ema`. */
  readonly otherGroups: readonly string[];
  readonly tensors: readonly WeightTensor[];
}

/**
 * The state_dict of a source. Where no dict looks like one, all but the optimiser's are taken together, each name behind
 * its dict's: a file with `image_encoder` and `text_encoder` gives `image_encoder.visual…`.
 * @param preferred path of the dict to take if the file has it, for example `state_dict_ema`.
 */
export function stateDictOf(source: WeightSource, preferred?: string): StateDict {
  const groups = [...new Set(source.tensors.map(({ group }) => group))].filter(mayBeWeights);
  const rank = (group: string): number =>
    Math.max(...group.split('/').map((key) => (wrappers.includes(key) ? wrappers.indexOf(key) : Infinity)));
  const wrapped = groups.filter((group) => rank(group) < Infinity).sort((a, b) => rank(a) - rank(b));
  const chosen = groups.find((group) => group === preferred) ?? wrapped[0] ?? groups.find((group) => group === '');
  const taken = chosen === undefined ? groups : [chosen];
  const named = source.tensors
    .filter(({ group }) => taken.includes(group))
    .map((tensor) =>
      chosen === undefined ? { ...tensor, name: `${tensor.group}/${tensor.name}`.replaceAll('/', '.') } : tensor,
    );
  return {
    group: chosen ?? '',
    otherGroups: groups.filter((group) => !taken.includes(group)),
    tensors: withoutPrefix(named),
  };
}

function withoutPrefix(tensors: readonly WeightTensor[]): readonly WeightTensor[] {
  let bare = tensors;
  while (bare.length > 0 && bare.every(({ name }) => wrapperPrefix.test(name)))
    bare = bare.map((tensor) => ({ ...tensor, name: tensor.name.replace(wrapperPrefix, '') }));
  return bare;
}
