// Pickles alone, without the checksum that guards them inside an archive: every instruction, in odd orders.
import { unpickle } from '../../../src/formats/pickle';
import { TorchNames } from '../../../src/formats/torchNames';
import { findTensors } from '../../../src/formats/torchTensors';
import { called, named, orderedDict, pickleOf, Raw, tensor, tuple } from '../../formats/torchFiles';
import type { FuzzTarget } from '../harness';
import { pickleTokens } from './pth';

const one = tensor({ key: '0', type: 'Float', count: 20, shape: [4, 5] });
const checkpoint = pickleOf({
  state_dict: orderedDict({ w: called(named('torch._utils', '_rebuild_parameter'), one, true, null) }),
  args: called(named('argparse', 'Namespace')),
  betas: tuple(0.9, 0.999),
  // Texts, numbers and references of the other protocols.
  others: new Raw(
    '(I01\nL7L\nF1.5\nS"a"\nVb\nU\x01cG\0\0\0\0\0\0\0\0J\x01\0\0\0M\x01\0q\x05h\x05p6\ng6\n\x8c\x01dC\x01e\x94l',
  ),
  sets: new Raw('(\x8f(K\x01\x90(K\x02\x91(K\x01K\x02dK\x01\x85K\x01K\x02\x86K\x01K\x02K\x03\x87l'),
});

const target: FuzzTarget = {
  name: 'pickle',
  seeds: [checkpoint],
  tokens: pickleTokens,
  parse: (bytes) => void findTensors(unpickle(bytes, 0, new TorchNames('x')).value),
};
export default target;
