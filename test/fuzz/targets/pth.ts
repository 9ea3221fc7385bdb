// Weights as torch.save writes them now: a zip archive with a pickle.
import { asZip64, orderedDict, tensor, zipPth } from '../../formats/torchFiles';
import type { FuzzTarget } from '../harness';
import { readWeights } from '../readWeights';

const value = orderedDict({
  'a.weight': tensor({ key: '0', type: 'Float', count: 20, shape: [4, 5] }),
  'a.turned': tensor({ key: '0', type: 'Float', count: 20, shape: [5, 4], strides: [1, 5] }),
  count: tensor({ key: '1', type: 'Long', count: 1, shape: [] }),
});
const plain = zipPth(value, { 0: new Float32Array(20), 1: new BigInt64Array(1) });

/** Words of pickles and archives. */
export const pickleTokens = [
  ...['ctorch\nLongStorage\n', 'cos\nsystem\n', 'ccollections\nOrderedDict\n', ')R', '((((', ']]]]', '}}}}', '2222'],
  ...['\x8a\x08', 'X\xff\xff\xff\x7f', 'u.', 't', 'Q', 'h\0', 'r\0\0\0\0', '\x95'],
];

const target: FuzzTarget = {
  name: 'pth',
  seeds: [plain, asZip64(plain)],
  tokens: [...pickleTokens, 'PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06', 'PK\x06\x06', '../', 'data.pkl'],
  parse: readWeights,
};
export default target;
