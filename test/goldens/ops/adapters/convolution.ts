// Convolutions in one, two and three dimensions, through their channels-first form.
import { convolution } from '../../../../src/engine/ops/convolution';
import { arg, type Adapter, type Adapters } from '../adapter';

const recorded: Adapter = (call) => convolution(arg(call, 'x'), arg(call, 'weight'), call.inputs['bias'], call.attrs);

export const convolutionAdapters: Adapters = { conv1d: recorded, conv2d: recorded, conv3d: recorded };
