// Reads a damaged file of weights as the page would: its header, then every tensor.
import { readWeightFile } from '../../src/formats/openWeights';
import { readBytes } from '../../src/formats/reading';
import { floatValues } from '../../src/formats/storedTensor';

/** @throws UserError alone. */
export function readWeights(bytes: Uint8Array): void {
  const { tensors } = readBytes(bytes, readWeightFile(bytes.length, 'x'));
  for (const tensor of tensors) floatValues(readBytes(bytes, tensor.values()));
}
