// Plain data with arrays and files as one small file: what comes back, how exact, and what is refused.
import { describe, expect, test } from 'vitest';
import { readBundle, writeBundle } from '../../src/formats/plainBundle';

const roundTrip = async (value: unknown): Promise<unknown> => readBundle(await writeBundle(value));

describe('plain bundles', () => {
  test('plain data comes back as it was, numbers without a word in JSON too', async () => {
    const value = { name: '你好', none: null, yes: true, list: [1, -2.5, 'x', [NaN, Infinity, -Infinity]], $key: [] };
    expect(await roundTrip(value)).toEqual(value);
  });

  test('numbers keep six digits', async () => {
    expect(await roundTrip([104.42639831367816, 1e-9 / 3])).toEqual([104.426, 3.33333e-10]);
  });

  test('arrays of whole numbers and of doubles are exact, whatever their place in a buffer', async () => {
    const bytes = new Uint8Array([9, 9, 9, 1, 2, 255]).subarray(3);
    const value = [bytes, Int32Array.of(-1, 2 ** 31 - 1), Uint32Array.of(2 ** 32 - 1), Float64Array.of(0.1, NaN)];
    expect(await roundTrip(value)).toEqual(value);
  });

  test('floats keep a 4,095th of their range', async () => {
    const values = Float32Array.from({ length: 999 }, (_, i) => 800 * Math.sin(i / 7));
    const back = (await roundTrip(values)) as Float32Array;
    expect(back).toBeInstanceOf(Float32Array);
    expect(back).toHaveLength(999);
    for (const [i, value] of values.entries()) expect(Math.abs(back[i]! - value)).toBeLessThan(1600 / 4095 / 2 + 1e-3);
  });

  test('floats without a range, none at all, and those that are no numbers', async () => {
    const value = [new Float32Array(3).fill(0.25), new Float32Array(0), Float32Array.of(1, NaN, -Infinity)];
    expect(await roundTrip(value)).toEqual(value);
  });

  test('files keep their type, and what is equal lies there once', async () => {
    const noise = Uint8Array.from({ length: 20_000 }, (_, i) => (i * i * 31 + (i >> 3) * 17) & 255);
    const file = new Blob([noise], { type: 'video/mp4' });
    const once = await writeBundle({ before: file });
    const twice = await writeBundle({ before: file, after: new Blob([noise], { type: 'video/mp4' }) });
    expect(twice.length).toBeLessThan(once.length + 100);
    const { after } = (await readBundle(twice)) as { after: Blob };
    expect(after.type).toBe('video/mp4');
    expect(new Uint8Array(await after.arrayBuffer())).toEqual(noise);
  });

  test('what is cut short, longer, or something else is refused', async () => {
    const whole = await writeBundle({ values: Float32Array.of(1, 2, 3) });
    for (const broken of [whole.slice(0, -9), whole.slice(3), new Uint8Array(0), new Uint8Array(100)])
      await expect(readBundle(broken)).rejects.toThrow('a bundle is broken');
  });
});
