// What published checkpoints need beyond equal names: timm's backbones, and upstream's that wrap them.
import type { WeightRules } from '../../training/weights/weightRules';

/** Ours for a name of a file: without the prefix of the wrapped network and the level of a convolution that shifts. */
function ownName(name: string): string {
  return name.replace(/^(module\.)?backbone\./, '').replace(/\b(conv\w*)\.conv\.weight$/, '$1.weight');
}

/** Backbones tell a thousand classes apart or more and have no attention over frames: both start anew. */
export const mntsmWeights: WeightRules = {
  group: 'model_state',
  place(name, shape) {
    const own = ownName(name);
    return own.startsWith('classifier.') && shape[0] !== 1 ? [] : [{ name: own, shape }];
  },
  startsFresh: (name) => /^(classifier|attn)\./.test(name),
};
