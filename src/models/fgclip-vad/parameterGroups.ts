// Which parameters share a learning rate and a weight decay: the text tower is slower, biases and norms do not decay.

import type { ParameterGroup } from '../../training/runtime';

/** Numbers of the groups, in the order of `groupDecays` and `groupRates`. */
export function parameterGroup(name: string): number {
  return (isText(name) ? 2 : 0) + (decays(name) ? 0 : 1);
}

/** Only the tower itself: the projections of texts learn at the main rate. */
const isText = (name: string): boolean => name.startsWith('text_model.');

/** Not biases nor norms; but embeddings, class_embedding and the scales of logits do. */
function decays(name: string): boolean {
  return (
    !name.includes('bias') &&
    !/(^|\.)(layer_norm\d|(pre_layr|post_layer|final_layer_)norm|norm\d|ln_\d)\.weight$/.test(name)
  );
}

/** Decay of each group, as the optimiser takes it. */
export function groupDecays(weightDecay: number): { readonly weightDecay: number }[] {
  return [weightDecay, 0, weightDecay, 0].map((one) => ({ weightDecay: one }));
}

/** Learning rate of each group at one step. */
export function groupRates(main: number, text: number): number[] {
  return [main, main, text, text];
}

/** What keeps its values. */
export type FrozenPart = 'nothing' | 'tokens' | 'vision' | 'towers';

/** Whether a parameter keeps its values. */
export function isFrozen(name: string, part: FrozenPart): boolean {
  if (part === 'nothing') return false;
  if (name === 'text_model.embeddings.token_embedding.weight') return true;
  if (part === 'tokens') return false;
  return name.startsWith('vision_model.') || (part === 'towers' && isText(name));
}

/** The groups of a run, in which no parameter is in two. */
export function runGroups(
  rates: { readonly main: number; readonly text: number; readonly weightDecay: number },
  frozen: FrozenPart,
): readonly ParameterGroup[] {
  const group = (name: string, number: number): ParameterGroup => ({
    name,
    has: (parameter) => parameterGroup(parameter) === number,
    learningRate: groupRates(rates.main, rates.text)[number]!,
    weightDecay: groupDecays(rates.weightDecay)[number]!.weightDecay,
  });
  return [
    ...(frozen === 'nothing'
      ? []
      : [
          {
            ...{ name: 'frozen', learningRate: 0, weightDecay: 0, frozen: true },
            has: (parameter: string) => isFrozen(parameter, frozen),
          },
        ]),
    group('main', 0),
    group('main, no decay', 1),
    ...(frozen === 'towers' ? [] : [group('text', 2), group('text, no decay', 3)]),
  ];
}
