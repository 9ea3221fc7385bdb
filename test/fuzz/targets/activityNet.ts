// Temporal action labels in JSON.
import { parseActivityNet } from '../../../src/annotations/activityNet';
import type { FuzzTarget } from '../harness';

const entry = (subset: string) => ({
  subset,
  duration: 48.5,
  frame: 480,
  annotations: [
    { label: 'jump', segment: [6, 8.5] },
    { label: 'run', segment: [8.5, 17.9] },
  ],
});

const target: FuzzTarget = {
  name: 'activityNet',
  seeds: [
    { version: '1', database: { a: entry('training'), b: entry('validation') } },
    { classes: ['jump', 'run'], database: { a: entry('Validation'), b: { ...entry('Test'), fps: 10, file: 'b.mp4' } } },
  ].map((value) => new TextEncoder().encode(JSON.stringify(value))),
  tokens: ['"database":', '"segment":', '"__proto__":', 'null', '{}', '[]', ',', '1e999'],
  parse: (bytes) => void parseActivityNet(new TextDecoder().decode(bytes), 'a.json'),
};
export default target;
