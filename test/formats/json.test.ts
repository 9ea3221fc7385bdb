// JSON of label files: bounded depth, and errors that say where.
import { describe, expect, it } from 'vitest';
import { notNumberAt, parseJson } from '../../src/formats/json';

describe('JSON', () => {
  it('is parsed, brackets in texts not counted as depth', () => {
    expect(parseJson(`{"a": "${'['.repeat(100)}\\"{"}`, 'a')).toEqual({ a: `${'['.repeat(100)}"{` });
  });

  it.each([
    ['nothing', '', 'json-broken'],
    ['a cut file', '{"a": [1,\n2', 'json-broken'],
    ['words that only look like numbers', '[NaNa]', 'json-broken'],
    ['deep nesting', '['.repeat(1_000_000), 'json-depth'],
  ])('refuses %s', (_, text, code) => {
    expect(() => parseJson(text, 'a.json')).toThrow(expect.objectContaining({ name: 'UserError', code }));
  });

  it.each([
    ['{\n"a": 1,\n"b": oops\n}', 3, 6, 'oops'],
    ['[1,\n2\n3]', 3, 1, '3'],
    ['{"a": {\n"b": [1, 2}\n}', 2, 11, '}'],
    ['[\n1,\n]', 3, 1, ']'],
    ['{\n"a" 1}', 2, 5, '1'],
    ['{"a":\n01}', 2, 1, '01'],
    ['["a\nb"]', 1, 2, '"'],
    ['[1]\n[2]', 2, 1, '['],
    ['[NaN, Infinity,\n nan]', 2, 2, 'nan'],
    ['[\n\n', 3, 1, ''],
  ])('names the place of a mistake: %j', (text, line, column, found) => {
    expect(() => parseJson(text, 'a.json')).toThrow(
      expect.objectContaining({ code: 'json-broken', detail: { path: 'a.json', line, column, found } }),
    );
  });

  it('says of a text that ends too early just that', () => {
    expect(() => parseJson('{"a": [1,', 'a.json')).toThrow('ends too early; save or download it again (a.json, line 1');
  });
});

describe('what Python writes for numbers that are none', () => {
  const text = '{"a": [{"area": NaN}, -Infinity],\n "b": {"x": Infinity, "NaN": "NaN, \\" -Infinity"}}';

  it('is read as these numbers, texts stay', () => {
    expect(parseJson(text, 'a')).toEqual({
      a: [{ area: NaN }, -Infinity],
      b: { x: Infinity, NaN: 'NaN, " -Infinity' },
    });
    expect(parseJson('NaN', 'a')).toBeNaN();
  });

  it('is told by key path and place', () => {
    const root = parseJson(text, 'a');
    expect(notNumberAt(root, 'a[0]')).toBe('since a[0].area is NaN in line 1, column 17');
    expect(notNumberAt(root, 'b.x')).toBe('since b.x is Infinity in line 2, column 13');
    expect(notNumberAt(root, 'a[1]')).toBe('since a[1] is -Infinity in line 1, column 23');
    expect(notNumberAt(root, 'b.y')).toBeNull();
    expect(notNumberAt(parseJson('{}', 'a'), '')).toBeNull();
  });
});
