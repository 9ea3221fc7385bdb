// Weights as .safetensors.
import { writeSafetensors } from '../../../src/formats/safetensors';
import type { StoredTensor } from '../../../src/formats/storedTensor';
import type { FuzzTarget } from '../harness';
import { readWeights } from '../readWeights';

const tensors = new Map<string, StoredTensor>([
  ['a.weight', { dtype: 'F32', shape: [4, 5], data: new Float32Array(20) }],
  ['a.half', { dtype: 'F16', shape: [7], data: new Uint16Array(7) }],
  ['count', { dtype: 'I64', shape: [], data: new BigInt64Array(1) }],
]);

const target: FuzzTarget = {
  name: 'safetensors',
  seeds: [writeSafetensors(tensors), writeSafetensors(tensors, { format: 'pt' })],
  tokens: ['"dtype":"F64"', '"shape":[', '"data_offsets":[0,8]', '"__metadata__":{', 'BF16', '[[[['],
  parse: readWeights,
};
export default target;
