// Which parameters share a learning rate and a weight decay: the text tower is slower, biases and norms do not decay.

/** Numbers of the groups, in the order of `groupDecays` and `groupRates`. */
export function parameterGroup(name: string): number {
  return (isText(name) ? 2 : 0) + (decays(name) ? 0 : 1);
}

/** Only the tower itself: the projections of texts learn at the main rate. */
const isText = (name: string): boolean => name.startsWith('text_model.');

/** Not biases nor norms; but embeddings, class_embedding and the scales of logits do. */
function decays(name: string): boolean {
  return (
    !name.includes('bias') && !/(^|\.)(layer_norm\d|(pre_layr|post_layer|final_layer_)norm|norm\d)\.weight$/.test(name)
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
