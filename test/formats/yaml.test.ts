// Settings in YAML as PyYAML reads it: merge keys, aliases, words for true and false, and sentences for people.
import { describe, expect, it } from 'vitest';
import { readYaml, writeYaml } from '../../src/formats/yaml';

const read = (text: string) => readYaml(text).map(({ key, line, value }) => [key, line, value]);

describe('YAML as PyYAML reads it', () => {
  it.each([
    [
      'a merge key, what the map says itself first',
      'defaults: &base\n  lr: 0.001\n  batch: 8\n<<: *base\nlr: 0.0005\n',
      [
        ['lr', 5, 0.0005],
        ['batch', 4, 8],
      ],
    ],
    [
      'an alias of a map',
      's: &s\n  type: cosine\n  min_lr: 1e-6\nlr_scheduler: *s\n',
      [
        ['lr_scheduler.type', 4, 'cosine'],
        ['lr_scheduler.min_lr', 4, 1e-6],
      ],
    ],
    [
      'a merge within a map, of several, the first goes before',
      'a: &a {x: 1, y: 2}\nb: &b {x: 3, z: 4}\nc:\n  <<: [*a, *b]\n  y: 5\n',
      [
        ['c.y', 5, 5],
        ['c.x', 4, 1],
        ['c.z', 4, 4],
      ],
    ],
    [
      'words for true and false, but not y and n',
      'a: yes\nb: Off\nc: n\nd: NO\non: 1\n',
      [
        ['a', 1, true],
        ['b', 2, false],
        ['c', 3, 'n'],
        ['d', 4, false],
        ['on', 5, 1],
      ],
    ],
    [
      'numbers without a dot',
      'a: 1e-4\nb: 1_000\n',
      [
        ['a', 1, 1e-4],
        ['b', 2, 1000],
      ],
    ],
    [
      'aliases of scalars and in lists',
      'a: &a 3\nb: [*a, 4]\n',
      [
        ['a', 1, 3],
        ['b', 2, [3, 4]],
      ],
    ],
    [
      'tags of Python',
      'betas: !!python/tuple [0.9, 0.999]\nname: !!str 3\n',
      [
        ['betas', 1, [0.9, 0.999]],
        ['name', 2, '3'],
      ],
    ],
    [
      'an alias within what is merged',
      'b: &b {lr: &lr 0.1}\nm: &m {<<: *b, wd: *lr}\nt:\n  <<: *m\n',
      [
        ['t.wd', 4, 0.1],
        ['t.lr', 4, 0.1],
      ],
    ],
  ])('has %s', (_, text, entries) => expect(read(text)).toEqual(entries));

  it('refuses several documents in words for people', () => {
    expect(() => readYaml('---\nlr: 1\n---\nepochs: 5\n')).toThrow(/second document begins in line 3/);
    expect(() => readYaml('a: [1')).toThrow(expect.objectContaining({ code: 'yaml-syntax' }));
  });

  it('does not grow by aliases', () => {
    const levels = Array.from({ length: 30 }, (_, i) => `k${i}: &k${i} {a: *k${i - 1}, b: *k${i - 1}, c: 1}`);
    const text = ['k-1: &k-1 {x: 1, y: 2}', ...levels, 'last: *k29'].join('\n');
    expect(() => readYaml(text)).toThrow(expect.objectContaining({ code: 'yaml-size' }));
  });

  it('is written so that it comes back', () => {
    const entries = [
      ['a', 'no'],
      ['b.c', true],
      ['b.d', '1e-4'],
      ['e', ['on', 2]],
    ] as const;
    expect(readYaml(writeYaml(entries, 'x')).map(({ key, value }) => [key, value])).toEqual(entries);
  });
});
