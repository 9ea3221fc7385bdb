// The bench's command line: which rows it asks for, and what it refuses.
import { expect, test } from 'vitest';
import { readBenchOptions, subjectsOf, type Offer } from './options';

const offer: Offer = {
  tasks: ['pose', 'adatad'],
  workloads: new Map([
    ['mlp', ['batch', 'sizes']],
    ['block', ['batch', 'tokens']],
    ['block-infer', ['batch', 'tokens']],
  ]),
  peerBench: true,
};
const rows = (...args: string[]): string[] =>
  subjectsOf(readBenchOptions(args), offer).map((one) =>
    one.kind === 'task' ? `${one.name} ${one.preset ?? '-'}` : `${one.name} ${one.scale}`,
  );

test('without options every task and every workload is a row, without peers', () => {
  expect(rows()).toEqual(['pose -', 'adatad -', 'mlp base', 'block base', 'block-infer base']);
  expect(readBenchOptions([])).toMatchObject({ peers: [], browser: false, steps: undefined, budgetSeconds: 6 });
});

test('naming one kind leaves out the other', () => {
  expect(rows('--workloads', 'block,mlp', '--scale=tiny')).toEqual(['block tiny', 'mlp tiny']);
  expect(rows('--task', 'pose', '--preset', 'a', '--preset', 'b')).toEqual(['pose a', 'pose b']);
  expect(rows('--task', 'pose', '--workloads', 'mlp')).toEqual(['pose -', 'mlp base']);
});

test('a dot tells a field of a workload from a setting of a task', () => {
  const { settings, fields } = readBenchOptions([
    '--set',
    'batch=32',
    '--set=block.tokens=800',
    '--set',
    'mlp.sizes=[8,2]',
  ]);
  expect(settings).toEqual({ batch: '32' });
  expect(fields).toEqual({ 'block.tokens': 800, 'mlp.sizes': [8, 2] });
});

test('kernels are those that are shipped, guessed or tried', () => {
  expect(readBenchOptions([]).kernelsBy).toBe('shipped');
  expect(readBenchOptions(['--guess']).kernelsBy).toBe('guess');
  expect(readBenchOptions(['--tune']).kernelsBy).toBe('trial');
});

test('peers may be named', () => {
  expect(readBenchOptions(['--peers', '--browser']).peers).toEqual(['jaxjs', 'tfjs', 'ort', 'raw']);
  expect(readBenchOptions(['--peers=raw,jaxjs']).peers).toEqual(['raw', 'jaxjs']);
});

test.each([
  [['--speed'], "Unknown option '--speed'."],
  [['--kernels=3'], "Option '--kernels' does not take an argument."],
  [['mlp'], "Unknown option 'mlp'."],
  [['--json'], "Option '--json <value>' argument missing."],
  [['--scale', 'huge'], '--scale takes tiny, base, gpu, not huge.'],
  [['--peers=torch'], '--peers takes jaxjs, tfjs, ort, raw, not torch.'],
  [['--peers='], '--peers takes jaxjs, tfjs, ort, raw, not nothing.'],
  [['--steps', '2'], '--steps wants a whole number from 3 up, not 2.'],
  [['--steps', '3.5'], '--steps wants a whole number from 3 up, not 3.5.'],
  [['--limit', 'long'], '--limit wants a number from 1 up, not long.'],
  [['--set', 'batch'], '--set wants key=value, not batch.'],
  [['--set', 'block.tokens=many'], '--set block.tokens wants a number or a list like [256,1024,10], not many.'],
])('%j is refused', (args, sentence) => {
  expect(() => readBenchOptions(args)).toThrow(sentence);
});

test.each([
  [['--workloads', 'mlp,blok'], '--workloads takes mlp, block, block-infer, not blok.'],
  [['--task', 'chess'], '--task takes pose, adatad, not chess.'],
  [['--set', 'blok.tokens=8'], '--set takes mlp, block, not blok.'],
  [['--set', 'block.tokns=8'], '--set block takes batch, tokens, not tokns.'],
])('%j names what is not there', (args, sentence) => {
  expect(() => rows(...args)).toThrow(sentence);
});

test('without the peer bench tasks and workloads of our own are left; others by name are refused', () => {
  const without: Offer = { ...offer, workloads: new Map([['own', ['side']]]), peerBench: false };
  expect(subjectsOf(readBenchOptions([]), without)).toHaveLength(3);
  expect(subjectsOf(readBenchOptions(['--workloads', 'own']), without)).toHaveLength(1);
  expect(() => subjectsOf(readBenchOptions(['--workloads', 'mlp']), without)).toThrow('BENCH_PEERS must name');
});
