// The random numbers are Philox's own, are spread evenly, and go on from a saved state.
import { describe, expect, it } from 'vitest';
import { CounterRandom, philox, randomAt } from '../../src/samples/random';

const hex = (words: Uint32Array): string[] => [...words].map((word) => word.toString(16).padStart(8, '0'));

describe('philox', () => {
  it('gives the published known answers', () => {
    const ones = 0xffffffff;
    expect(hex(philox([0, 0, 0, 0], [0, 0]))).toEqual(['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']);
    expect(hex(philox([ones, ones, ones, ones], [ones, ones]))).toEqual([
      '408f276d',
      '41c83b0e',
      'a20bc7c6',
      '6d5451fd',
    ]);
    const pi = philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]);
    expect(hex(pi)).toEqual(['d16cfe09', '94fdcceb', '5001e420', '24126ea1']);
  });
});

describe('CounterRandom', () => {
  it('goes on from its state, wherever in a block it was', () => {
    for (const drawn of [0, 1, 3, 4, 7, 1001]) {
      const one = new CounterRandom(42, 1, 5);
      for (let i = 0; i < drawn; i += 1) one.next();
      const other = CounterRandom.from(JSON.parse(JSON.stringify(one.state)) as typeof one.state);
      expect([other.next(), other.next(), other.next()]).toEqual([one.next(), one.next(), one.next()]);
    }
  });

  it('differs by seed, stream and position', () => {
    const first = (seed: number, stream: number, position: number): number => randomAt(seed, stream, position)();
    const all = [first(1, 1, 1), first(2, 1, 1), first(1, 2, 1), first(1, 1, 2), first(1 + 2 ** 32, 1, 1)];
    expect(new Set(all).size).toBe(all.length);
  });

  it('is uniform in [0, 1)', () => {
    const random = randomAt(7, 1, 1);
    const bins = new Array<number>(10).fill(0);
    for (let i = 0; i < 20_000; i += 1) bins[Math.floor(random() * 10)]! += 1;
    for (const count of bins) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  it('draws whole numbers below a count', () => {
    const random = new CounterRandom(3, 1, 1);
    const seen = new Set(Array.from({ length: 500 }, () => random.below(7)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });
});
