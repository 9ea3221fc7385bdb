// Sentences about what a run was judged on, in both languages.
import { expect, test } from 'vitest';
import { runTexts } from '../../src/ui/strings/runTexts';

test('counts and names stand as each language has them', () => {
  expect(runTexts.en.judgedOn([['validation videos', 1200]])).toBe('Judged on 1,200 validation videos.');
  const counts = [
    ['验证视频', 10],
    ['评判窗口', 20],
  ] as const;
  expect(runTexts['zh-CN'].judgedOn(counts)).toBe('依据：验证视频 10、评判窗口 20。');
});
