// How far a phase is, in words, the same in the bar and in the list of phases.
import { expect, test } from 'vitest';
import { strings } from '../../src/models/adatad/strings';
import { countedText } from '../../src/ui/strings/countedText';
import { en } from '../../src/ui/strings/en';
import { zhCN } from '../../src/ui/strings/zhCN';

const counted = (what: string) => ({ what, done: 3, total: 50 });

test('what is prepared has the name that its task gives it', () => {
  expect(countedText(en, strings.en.names, counted('demo videos'))).toBe('drawing videos, 3 of 50');
  expect(countedText(zhCN, strings['zh-CN'].names, counted('demo videos'))).toBe('绘制视频 3/50');
});

test('what has no name is told as it is', () => {
  expect(countedText(en, strings.en.names, counted('walks/a.bvh'))).toBe('walks/a.bvh 3 of 50');
});

test.each([
  ['kernels', 'kernels 3 of 50'],
  ['predictionKernels', 'kernels 3 of 50'],
  ['tuning', 'trying kernels 3 of 50'],
])('%s are told as such', (what, text) => expect(countedText(en, {}, counted(what))).toBe(text));
