// Zeros behind the pictures of VP9 packets: superframes keep their index, which then tells the padded sizes.
import { describe, expect, it } from 'vitest';
import { paddedVp9 } from '../../src/video/vp9Padding';

const zeros = 65_536;

describe('padded VP9', () => {
  it('is a plain picture with zeros behind it', () => {
    const padded = paddedVp9(Uint8Array.of(0x82, 1, 2, 3));
    expect([padded.length, ...padded.subarray(0, 5)]).toEqual([4 + zeros, 0x82, 1, 2, 3, 0]);
  });

  it('keeps both pictures of a superframe, and a picture of one byte as it is', () => {
    // Sizes 3 and 1, two bytes each.
    const marker = 0b110_01_001;
    const padded = paddedVp9(Uint8Array.of(0x82, 7, 8, 0x88, marker, 3, 0, 1, 0, marker));
    expect([...padded.subarray(0, 4)]).toEqual([0x82, 7, 8, 0]);
    expect(padded[3 + zeros]).toBe(0x88);
    const index = new DataView(padded.buffer, 3 + zeros + 1);
    expect(index.byteLength).toBe(10);
    expect(index.getUint8(0)).toBe(0b110_11_001);
    expect([index.getUint32(1, true), index.getUint32(5, true)]).toEqual([3 + zeros, 1]);
    expect(index.getUint8(9)).toBe(0b110_11_001);
  });

  it('takes an index that claims more than there is for a part of the picture', () => {
    const marker = 0b110_00_000;
    expect(paddedVp9(Uint8Array.of(0x82, marker, 200, marker)).length).toBe(4 + zeros);
  });
});
