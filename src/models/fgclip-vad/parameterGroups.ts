// Which parameters share a learning rate and a weight decay: the text tower is slower, biases and norms do not decay.

/** Numbers of the groups, in the order of `groupFactors`. */
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

/** Factors on the main rate and decay for each group; `textRate` is the text tower's rate by the main one. */
export function groupFactors(textRate: number): { readonly learningRate: number; readonly weightDecay: number }[] {
  return [1, textRate].flatMap((learningRate) => [
    { learningRate, weightDecay: 1 },
    { learningRate, weightDecay: 0 },
  ]);
}
