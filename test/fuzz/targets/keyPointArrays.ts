// People's key points as arrays in .npz.
import { readKeyPointArrays } from '../../../src/annotations/keyPointArrays';
import { floatNpy, npzFile } from '../../formats/npyText';
import type { FuzzTarget } from '../harness';

const points = (shape: readonly number[]) => floatNpy(shape, (i) => 100 + i);

const target: FuzzTarget = {
  name: 'keyPointArrays',
  seeds: [
    npzFile({ reconstruction: points([2, 2, 17, 2]) }),
    npzFile({ keypoints_2d: points([3, 17, 3]), times: points([3]), size: points([2]) }, 0),
  ],
  tokens: ['PK\x01\x02', "'shape': (", '17, 3', '<f8', '|O', 'keypoints.npy'],
  parse: (bytes) => void readKeyPointArrays(bytes, 'x.npz'),
};
export default target;
