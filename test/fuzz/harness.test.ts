// The harness itself: it must see what it is there to see.
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors';
import { damaged, fuzz, type FuzzTarget } from './harness';

const seeds = [new TextEncoder().encode('{"a": [1, 22, 333]}')];

/** Takes the good file and does to every damaged one what `harm` does. */
function parserThat(harm: (bytes: Uint8Array) => void): FuzzTarget {
  const good = seeds[0]!.join();
  return { name: 'made up', seeds, parse: (bytes) => (bytes.join() === good ? undefined : harm(bytes)) };
}

describe('the fuzz harness', () => {
  it('counts refusals and finds nothing wrong with them', () => {
    const report = fuzz(
      parserThat(() => {
        throw new UserError('no', 'no');
      }),
      { count: 300, seed: 1 },
    );
    expect(report.failures).toEqual([]);
    expect(report.refused).toBeGreaterThan(250);
  });

  const kept: Uint8Array[] = [];
  it.each([
    ['another error', () => JSON.parse('{') as unknown, /SyntaxError/],
    [
      'a stack overflow',
      function deeper(): void {
        deeper();
      },
      /RangeError/,
    ],
    ['large buffers', () => void kept.push(new Uint8Array(8_000_000)), /takes 8\d{6} bytes/],
    ['large garbage', () => Array.from({ length: 50_000 }, (_, i) => ({ i })).length, /bytes for an input of/],
  ])('reports %s', (_, harm, what) => {
    const { failures, inputs } = fuzz(parserThat(harm), { count: 100, seed: 1 });
    expect(failures).toHaveLength(5);
    expect(inputs).toBeLessThan(100);
    for (const failure of failures) expect(failure.what).toMatch(what);
  });

  it('stops what hangs', () => {
    let once = true;
    const target = parserThat(() => {
      for (let turns = 0; once && turns < Infinity; turns++) if (turns === -1) once = false;
    });
    let seen = 0;
    const oneHang: FuzzTarget = {
      ...target,
      parse(bytes) {
        if (++seen > 4) once = false;
        target.parse(bytes);
      },
    };
    const { failures } = fuzz(oneHang, { count: 20, seed: 1 });
    expect(failures[0]?.what).toBe('takes more than 1000 ms');
  });

  it('makes the same inputs from the same seed, and others from another', () => {
    const target = parserThat(() => undefined);
    const all = (seed: number) => Array.from({ length: 50 }, (_, i) => damaged(target, seed, i).join());
    expect(all(7)).toEqual(all(7));
    expect(all(7)).not.toEqual(all(8));
    expect(new Set(all(7)).size).toBeGreaterThan(45);
  });
});
