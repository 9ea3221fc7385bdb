// The command line of `npm run try`.
import { expect, test } from 'vitest';
import { readTryOptions } from '../../tools/tryOptions';

test('takes weights, settings and files', () => {
  const args = ['--weights', 'w.pth', '--task=mntsm', '--set', 'threshold=0.7', '--json', 'o.json', 'a.mp4', 'b.mp4'];
  expect(readTryOptions(args)).toMatchObject({
    ...{ weights: 'w.pth', task: 'mntsm', settings: { threshold: '0.7' }, json: 'o.json', files: ['a.mp4', 'b.mp4'] },
  });
});

test('takes names of classes and a vocabulary for weights that say nothing of themselves', () => {
  const args = ['--weights', 'w.pth', '--preset', 'full', '--classes', 'c.txt', '--vocabulary', 'v.gz', 'a.mp4'];
  expect(readTryOptions(args)).toMatchObject({ preset: 'full', classes: 'c.txt', vocabulary: 'v.gz' });
});

test.each([
  [['a.mp4'], '--weights is missing.'],
  [['--weights', 'w.pth'], 'There is no file to judge.'],
  [['--weights', 'w.pth', '--frames', 'a.mp4'], "Unknown option '--frames'."],
])('%j is refused', (args, sentence) => {
  expect(() => readTryOptions(args)).toThrow(sentence);
});
