// Human3.6M archives: both layouts, the split by subject, and what is refused.
import { describe, expect, it } from 'vitest';
import { readHuman36m } from '../../src/annotations/human36m';
import { floatNpy, npyFile, npzFile, textNpy } from '../formats/npyText';

const pixels = (i: number) => 100 + (i % 34);

/** Two videos of two and three frames. */
function flat(change: Readonly<Record<string, Uint8Array | null>> = {}): Uint8Array<ArrayBuffer> {
  const arrays: Record<string, Uint8Array | null> = {
    joint_2d: floatNpy([5, 17, 2], pixels),
    joint3d_image: floatNpy([5, 17, 3], (i) => i),
    '2.5d_factor': floatNpy([5], (i) => 4 + i),
    camera_name: textNpy(Array<string>(5).fill('54138969')),
    source: textNpy(
      [0, 0, 1, 1, 1].map((video) => (video ? 's_09_act_02_subact_01_ca_01' : 's_01_act_02_subact_01_ca_01')),
    ),
    action: textNpy(Array<string>(5).fill('Walking')),
    ...change,
  };
  return npzFile(
    Object.fromEntries(Object.entries(arrays).filter((entry): entry is [string, Uint8Array] => entry[1] !== null)),
  );
}

/** Thighs of 0.4 units, four units from the camera. */
const body = (i: number) => (i % 3 === 2 ? 4 : i % 3 === 1 ? (Math.floor(i / 3) % 17) * 0.4 : 0);

describe('Human3.6M archives', () => {
  it('cuts 2D to the length of 3D, and loses only the videos that do not go together', () => {
    const archive = npzFile({
      'positions_2d/S1/Walk/c': floatNpy([4, 17, 2], () => 9),
      'positions_3d/S1/Walk/c': floatNpy([3, 17, 3], body),
      'positions_2d/S9/Walk/c': floatNpy([2, 17, 2], () => 9),
      'positions_3d/S9/Walk/c': floatNpy([3, 17, 3], body),
    });
    const told: string[] = [];
    const videos = readHuman36m(archive, 'h.npz', ({ message }) => told.push(message));
    expect(videos.map(({ subject, frames, joints2d }) => [subject, frames, joints2d.length])).toEqual([['1', 3, 102]]);
    expect(told).toEqual([expect.stringContaining('S9/Walk/c" has 2 frames of 2D for 3 of 3D')]);
    expect(() => readHuman36m(archive, 'h.npz')).toThrow(expect.objectContaining({ code: 'human36m-shape' }));
  });

  it('cuts the flat layout into videos and splits them by subject', () => {
    const videos = readHuman36m(flat({ confidence: floatNpy([5, 17, 1], () => 0.5) }), 'h.npz');
    expect(
      videos.map(({ subject, split, frames, action, camera }) => [subject, split, frames, action, camera]),
    ).toEqual([
      ['1', 'train', 2, 'Walking', '54138969'],
      ['9', 'val', 3, 'Walking', '54138969'],
    ]);
    const { truth, joints2d, confidence } = videos[1]!;
    expect(truth.kind === 'image' && [...truth.factor]).toEqual([6, 7, 8]);
    expect(truth.kind === 'image' && truth.image3d[0]).toBe(2 * 51);
    expect([joints2d.length, confidence?.[0]]).toEqual([3 * 34, 0.5]);
  });

  it('reads one array per video, in metres or millimetres', () => {
    const of = (unit: number) =>
      readHuman36m(
        npzFile({
          'positions_2d/S11/Eating 1/55011271': floatNpy([3, 17, 2], pixels),
          'positions_3d/S11/Eating 1/55011271': floatNpy([3, 17, 3], (i) => body(i) * unit),
        }),
        'h.npz',
      )[0]!;
    expect(of(1)).toMatchObject({ subject: '11', split: 'val', action: 'Eating 1', camera: '55011271', frames: 3 });
    const [metres, millimetres] = [of(1).truth, of(1000).truth];
    if (metres.kind !== 'camera' || millimetres.kind !== 'camera') throw new Error('a camera-space truth was wanted');
    for (const [i, value] of millimetres.joints.entries()) expect(metres.joints[i]).toBeCloseTo(value, 2);
  });

  it.each([
    ['an archive of other arrays', npzFile({ weights: floatNpy([3], () => 1) }), 'human36m-names'],
    ['a pickled dictionary', npzFile({ positions_3d: npyFile('|O', [], new Uint8Array(40)) }), 'npy-object'],
    ['a missing array', flat({ '2.5d_factor': null }), 'human36m-missing-array'],
    ['16 joints', flat({ joint3d_image: floatNpy([5, 16, 3], () => 1) }), 'human36m-shape'],
    ['another number of frames', flat({ source: textNpy(['a', 'b']) }), 'human36m-shape'],
    ['text for numbers', flat({ '2.5d_factor': textNpy(['a', 'b', 'c', 'd', 'e']) }), 'human36m-shape'],
    ['NaN', flat({ joint_2d: floatNpy([5, 17, 2], (i) => (i === 100 ? NaN : 1)) }), 'human36m-bad-number'],
    ['a factor of zero', flat({ '2.5d_factor': floatNpy([5], () => 0) }), 'human36m-factor'],
    ['no frames', flat({ joint_2d: floatNpy([0, 17, 2], () => 0) }), 'human36m-no-frames'],
    ['a video without 3D', npzFile({ 'positions_2d/S1/a/b': floatNpy([3, 17, 2], pixels) }), 'human36m-missing-array'],
    [
      'world coordinates',
      npzFile({
        'positions_2d/S1/a/b': floatNpy([1, 17, 2], pixels),
        'positions_3d/S1/a/b': floatNpy([1, 17, 3], (i) => body(i) - (i % 3 === 2 ? 5 : 0)),
      }),
      'human36m-camera-axes',
    ],
  ])('refuses %s', (_, bytes, code) => {
    expect(() => readHuman36m(bytes, 'h.npz')).toThrow(expect.objectContaining({ name: 'UserError', code }));
  });
});
