// NumPy arrays.
import { readNpy } from '../../../src/formats/npy';
import { floatNpy, npyFile, textNpy } from '../../formats/npyText';
import type { FuzzTarget } from '../harness';

const target: FuzzTarget = {
  name: 'npy',
  seeds: [
    floatNpy([3, 4], (i) => i),
    textNpy(['walk', 'run']),
    npyFile('>i8', [2], new Uint8Array(16)),
    npyFile('<f8', [2, 3], new Float64Array(6), true),
  ],
  tokens: ["'shape': (", "'<U999999'", "'|O'", "'<f2'", 'True', ', 0'],
  parse: (bytes) => void readNpy(bytes, 'a.npy'),
};
export default target;
