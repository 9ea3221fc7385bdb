// Every finding about label files and archives has a sentence in both languages.
import { describe, expect, test } from 'vitest';
import { zhCN } from '../../src/ui/strings/zhCN';

const sources = import.meta.glob<string>(['../../src/annotations/*.ts', '../../src/formats/*.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});
const code =
  /(?:finding|notice|UserError|refuse|fail|badZip|bad|readEntries)\((?:\w+,)?\s*'((?:labels?|segments|activitynet|voc|xml|json|coco|box|faces|captions|ucf|anomaly|text|path|zip)-[a-z-]+)'/g;
const codes = new Set(Object.values(sources).flatMap((text) => [...text.matchAll(code)].map((match) => match[1]!)));

describe('findings about labels', () => {
  test('are many', () => expect(codes.size).toBeGreaterThan(45));

  test.each([...codes].sort())('%s is said in Chinese', (name) => {
    const sentence = zhCN.errors[name]?.({ path: 'a.json', line: 3 });
    expect(sentence).toMatch(/[\u4e00-\u9fff]/);
  });
});
