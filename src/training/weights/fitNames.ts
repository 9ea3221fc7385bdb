// Names of a file's tensors without what wrapping a model put before or into them, judged by the model that they are for.

/** Put into names by DataParallel, AveragedModel, torch.compile, FSDP and Fabric, wherever the wrapped part stands. */
const wrapperPart =
  /(^|\.)(?:(?:module|_orig_mod|_fsdp_wrapped_module|_checkpoint_wrapped_module|_forward_module)\.)+(?=.)/g;

/**
 * The names that most tensors fit the model by: as they are, without the parts of wrappers, without one prefix that all
 * that fit share (`model.` of Lightning's, `backbone.`), or without both. Names without the prefix stay as they are, so
 * that strays beside a model (`n_averaged`, `criterion.pos_weight`) are listed and cost nothing.
 * @param fits whether the model has a place for a tensor of this name; `place` is the tensor's.
 */
export function fitNames(names: readonly string[], fits: (name: string, place: number) => boolean): readonly string[] {
  const bare = names.map((name) => name.replaceAll(wrapperPart, '$1'));
  const isDistinct = new Set(bare).size === new Set(names).size;
  let best = { names, count: count(names, fits) };
  for (const plain of isDistinct ? [names, bare] : [names]) {
    const prefix = likeliestPrefix(plain, fits);
    for (const before of ['', prefix]) {
      const tried = plain.map((name) => (name.startsWith(before) ? name.slice(before.length) : name));
      const found = count(tried, fits);
      if (found > best.count) best = { names: tried, count: found };
    }
  }
  return best.names;
}

function count(names: readonly string[], fits: (name: string, place: number) => boolean): number {
  return names.filter(fits).length;
}

/** The beginning up to a dot without which most names fit; empty where none does. */
function likeliestPrefix(names: readonly string[], fits: (name: string, place: number) => boolean): string {
  const votes = new Map<string, number>();
  for (const [place, name] of names.entries())
    for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1))
      if (fits(name.slice(dot + 1), place)) {
        const prefix = name.slice(0, dot + 1);
        votes.set(prefix, (votes.get(prefix) ?? 0) + 1);
      }
  const [best] = [...votes].sort(([, a], [, b]) => b - a);
  return best?.[0] ?? '';
}
