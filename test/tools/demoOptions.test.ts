// The demo's command line and the address that it opens.
import { expect, test } from 'vitest';
import { demoAddress, readDemoOptions } from '../../tools/demoOptions';

test('without options the demo of the task is trained, sized by the page', () => {
  const options = readDemoOptions([]);
  expect(demoAddress('http://127.0.0.1:1/', 'pose', options)).toBe('http://127.0.0.1:1/#v=1&task=pose');
});

test('settings, preset and epochs go into the address, values with any character', () => {
  const options = readDemoOptions(['--preset=tiny', '--set', 'name=a=b&c', '--set', 'seed=7', '--epochs', '3']);
  const parameters = new URLSearchParams(new URL(demoAddress('http://127.0.0.1:1/', 'pose', options)).hash.slice(1));
  expect(Object.fromEntries(parameters)).toEqual({
    v: '1',
    task: 'pose',
    preset: 'tiny',
    'set.name': 'a=b&c',
    'set.seed': '7',
    'set.epochs': '3',
  });
});

test.each([
  [['--epoch', '3'], "Unknown option '--epoch'."],
  [['--task'], "Option '--task <value>' argument missing."],
  [['--set', 'epochs'], '--set wants key=value, not epochs.'],
  [['--seeds', '1.5'], '--seeds wants a whole number from 1 to 100, not 1.5.'],
  [['--seeds', '2', '--weights-out', 'a.pth'], '--weights-out keeps the weights of one run: leave --seeds out.'],
])('%j is refused', (args, sentence) => {
  expect(() => readDemoOptions(args)).toThrow(sentence);
});
