// JSON of label files: bounded depth, and errors that say where.
import { describe, expect, it } from 'vitest';
import { parseJson } from '../../src/formats/json';

describe('JSON', () => {
  it('is parsed, brackets in texts not counted as depth', () => {
    expect(parseJson(`{"a": "${'['.repeat(100)}\\"{"}`, 'a')).toEqual({ a: `${'['.repeat(100)}"{` });
  });

  it.each([
    ['nothing', '', 'json-broken'],
    ['a cut file', '{"a": [1,\n2', 'json-broken'],
    ['NaN', '[NaN]', 'json-broken'],
    ['deep nesting', '['.repeat(1_000_000), 'json-depth'],
  ])('refuses %s', (_, text, code) => {
    expect(() => parseJson(text, 'a.json')).toThrow(expect.objectContaining({ name: 'UserError', code }));
  });

  it.each([
    ['{\n"a": 1,\n"b": oops\n}', 3],
    ['[1,\n2\n3]', 3],
    ['{"a": {\n"b": [1, 2}\n}', 2],
    ['[\n1,\n]', 3],
    ['{\n"a" 1}', 2],
    ['{"a":\n01}', 2],
    ['["a\nb"]', 1],
    ['[1]\n[2]', 2],
    ['[\n\n', 3],
  ])('names the line of a mistake: %j', (text, line) => {
    expect(() => parseJson(text, 'a.json')).toThrow(
      expect.objectContaining({ code: 'json-broken', detail: { path: 'a.json', line } }),
    );
  });
});
