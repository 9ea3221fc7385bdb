// COCO box labels in JSON.
import { parseCoco } from '../../../src/annotations/coco';
import { cocoText } from '../../annotations/vocText';
import type { FuzzTarget } from '../harness';

const target: FuzzTarget = {
  name: 'coco',
  seeds: [cocoText(), cocoText({ annotations: [] })].map((text) => new TextEncoder().encode(text)),
  tokens: ['NaN', '-Infinity', '"7"', '"bbox":', '"id":', '"images":', 'null', '{}', '[]', ',', '-1'],
  parse: (bytes) => void parseCoco(new TextDecoder().decode(bytes), 'a.json'),
};
export default target;
