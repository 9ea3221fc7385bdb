// Weights as torch.save wrote them before 1.6: pickles, then storages.
import { legacyPth, orderedDict, tensor } from '../../formats/torchFiles';
import type { FuzzTarget } from '../harness';
import { readWeights } from '../readWeights';
import { pickleTokens } from './pth';

const value = orderedDict({
  'a.weight': tensor({ key: '0', type: 'Float', count: 20, shape: [4, 5], legacy: true }),
  'a.column': tensor({ key: '0', type: 'Float', count: 20, shape: [4], strides: [5], legacy: true }),
  count: tensor({ key: '1', type: 'Long', count: 1, shape: [], legacy: true }),
});

const target: FuzzTarget = {
  name: 'legacy-pth',
  seeds: [legacyPth(value, { 0: new Float32Array(20), 1: new BigInt64Array(1) }, { 0: 20, 1: 1 })],
  tokens: pickleTokens,
  parse: readWeights,
};
export default target;
