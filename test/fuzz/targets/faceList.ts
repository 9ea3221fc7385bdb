// Lists of face videos in JSON.
import { parseFaceList } from '../../../src/annotations/faceList';
import type { FuzzTarget } from '../harness';

const list = [
  { file: 'clips/a_real.mp4', label: 0, kind: 'real', split: 'train', person: 'A', frames: 77, fps: 30 },
  { file: 'clips/a_swap.mp4', label: 1, kind: 'swap', split: 'test', person: 'B', frames: 77, fps: 30 },
];

const target: FuzzTarget = {
  name: 'faceList',
  seeds: [list, list.slice(0, 1)].map((value) => new TextEncoder().encode(JSON.stringify(value))),
  tokens: ['"label":', '"__proto__":', 'null', '{}', '[]', ',', '"fake"'],
  parse: (bytes) => void parseFaceList(new TextDecoder().decode(bytes), 'a.json'),
};
export default target;
