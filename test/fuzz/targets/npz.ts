// Archives of NumPy arrays, stored and deflated.
import { readNpz } from '../../../src/formats/npz';
import { floatNpy, npzFile } from '../../formats/npyText';
import type { FuzzTarget } from '../harness';

const arrays = { a: floatNpy([4], (i) => i), 'b/c': floatNpy([20, 20], () => 1) };

const target: FuzzTarget = {
  name: 'npz',
  seeds: [npzFile(arrays), npzFile(arrays, 6)],
  tokens: ['PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06', '../', '.npy'],
  parse(bytes) {
    const npz = readNpz(bytes, 'x.npz');
    for (const name of npz.names) npz.read(name);
  },
};
export default target;
