// Reads a .safetensors file tensor by tensor.
import { dataStartOf, lengthBytes, parseHeader } from './safetensorsHeader';
import type { Reading } from './reading';
import { tensorOver, type StoredTensor } from './storedTensor';
import { oddName } from './torchTensors';
import type { WeightFile } from './weightFile';

/**
 * Reads the header.
 * @throws UserError with a code that starts with `safetensors-`.
 */
export function* readSafetensorsFile(fileBytes: number): Reading<WeightFile> {
  const first = yield { begin: 0, end: Math.min(lengthBytes, fileBytes) };
  const dataStart = dataStartOf(first, fileBytes);
  const text = yield { begin: lengthBytes, end: dataStart };
  const { entries, metadata, odd } = parseHeader(text, fileBytes - dataStart);
  const tensors = entries
    .toSorted((a, b) => a.begin - b.begin)
    .map(({ name, dtype, shape, begin, end }) => {
      const range = { begin: dataStart + begin, end: dataStart + end };
      function* values(): Reading<StoredTensor> {
        return tensorOver(dtype, shape, yield range);
      }
      return { ...{ name, group: '', dtype, shape, range }, values };
    });
  return { format: 'safetensors', tensors, metadata, passedOver: odd.map(([name, dtype]) => oddName(name, dtype)) };
}
