// Everything that can be wrong with files of weights and their download has a sentence in both languages.
import { describe, expect, test } from 'vitest';
import { zhCN } from '../../src/ui/strings/zhCN';

const sources = import.meta.glob<string>(
  ['../../src/formats/*.ts', '../../src/runs/*.ts', '../../src/training/weights/weightReport.ts'],
  { query: '?raw', import: 'default', eager: true },
);
const code = /'((?:weights|pickle|pth|npy|npz|safetensors|tensor|download|storage|file)-[a-z0-9-]+)'/g;
const codes = new Set(Object.values(sources).flatMap((text) => [...text.matchAll(code)].map((match) => match[1]!)));

describe('errors about weights', () => {
  test('are many', () => expect(codes.size).toBeGreaterThan(40));

  test.each([...codes].sort())('%s is said in Chinese', (name) => {
    expect(zhCN.errors[name]?.({ path: 'a.pth', url: 'https://a.b/c' })).toMatch(/[\u4e00-\u9fff]/);
  });
});
