// Weights as .npz, stored and deflated, and as a single .npy.
import { floatNpy, npyFile, npzFile, textNpy } from '../../formats/npyText';
import type { FuzzTarget } from '../harness';
import { readWeights } from '../readWeights';

const arrays = { a: floatNpy([4], (i) => i), half: npyFile('<f2', [3], new Uint16Array(3)), words: textNpy(['x']) };

const target: FuzzTarget = {
  name: 'npz-weights',
  seeds: [npzFile(arrays, 0), npzFile(arrays, 6), arrays.a],
  tokens: ['PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06', '../', '.npy', "'<f2'", "'|O'"],
  parse: readWeights,
};
export default target;
