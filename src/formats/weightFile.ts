// What every file of weights gives, whatever its format: a list of tensors whose values stay in the file until asked for.
import type { ByteRange, Reading } from './reading';
import type { Dtype, StoredTensor } from './storedTensor';

export type WeightFormat = 'safetensors' | 'pytorch' | 'pytorch-legacy' | 'npz' | 'npy';

/** A tensor that the file's header describes. */
export interface FileTensor {
  /** Its key in the innermost dict. */
  readonly name: string;
  /** The keys of the dicts around it, joined by `/`: `` in a plain file, `state_dict` or `optimizer/state/0` in a checkpoint. */
  readonly group: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Where the values lie in the file, if they do so row-major and little-endian. */
  readonly range?: ByteRange;
  /** Reads the values, row-major. Throws UserError when they are damaged. */
  values(): Reading<StoredTensor>;
}

/** A file of weights after its header was read. */
export interface WeightFile {
  readonly format: WeightFormat;
  /** In the order in which they lie in the file. */
  readonly tensors: readonly FileTensor[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Kinds of Python objects that were passed over, for example `argparse.Namespace`. */
  readonly passedOver: readonly string[];
}

/** Dicts that hold tensors but no weights. */
const notWeights = /^(optimizer|optim|scheduler|lr_scheduler|scaler|amp|rng)/i;

/** False for the group of an optimiser's tensors and the like. */
export function mayBeWeights(group: string): boolean {
  return !notWeights.test(group);
}
