// Half precision both ways: every bit pattern survives, and everything else goes to its nearest neighbour.
import { describe, expect, it } from 'vitest';
import { halfToFloat, narrowHalf, widenHalf } from '../../src/formats/halfFloat';

describe('narrowHalf', () => {
  it('keeps every half as it is', () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, k) => k).filter(
      (k) => (k & 0x7c00) !== 0x7c00 || (k & 0x3ff) === 0,
    );
    expect(narrowHalf(widenHalf(bits))).toEqual(bits);
    expect(halfToFloat(narrowHalf(Float32Array.of(NaN))[0]!)).toBeNaN();
  });

  it('rounds to the nearest half, ties to even', () => {
    for (const low of [0, 1, 2, 511, 1023, 1024, 1025, 0x3c00, 0x3c01, 0x7bfe]) {
      const [a, b] = [halfToFloat(low), halfToFloat(low + 1)];
      const [nearA, middle, nearB] = [a + (b - a) * 0.49, (a + b) / 2, a + (b - a) * 0.51];
      const got = [...narrowHalf(Float32Array.of(nearA, middle, nearB, -nearB))];
      expect(got).toEqual([low, low % 2 === 0 ? low : low + 1, low + 1, (low + 1) | 0x8000]);
    }
  });

  it('makes what is too large infinite, from half way to 65,536 on', () => {
    expect([...narrowHalf(Float32Array.of(65519, 65520, -1e9, Infinity))]).toEqual([0x7bff, 0x7c00, 0xfc00, 0x7c00]);
  });
});
