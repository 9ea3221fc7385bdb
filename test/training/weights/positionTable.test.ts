// Position tables resized to other grids, against values that PyTorch 1.13 gives (interpolate, bicubic).
import { expect, it } from 'vitest';
import { resizePositionTable } from '../../../src/training/weights/positionTable';

/** torch.arange(9).mul(1.7).sin() as a 3 x 3 grid. */
const learned = Float32Array.from({ length: 9 }, (_, i) => Math.sin(i * 1.7));

it.each([
  [
    [2, 2],
    [0.0725561, 0.2333264, -0.7375042, 0.6096807],
  ],
  [
    [4, 5],
    [
      -0.0257963, 0.5371087, 1.0273776, 0.2651168, -0.4616197, -0.7526298, -0.0413019, 0.7956024, 0.6625465, 0.3751747,
      -1.040647, -0.6286427, 0.0386499, 0.6588227, 1.0223106, -0.6822839, -0.8016382, -0.6979709, 0.2566291, 1.01342,
    ],
  ],
] as const)('gives what PyTorch gives for %j', (to, values) => {
  const resized = resizePositionTable(learned, { from: [3, 3], to, keptRows: 0 });
  expect(resized).toHaveLength(values.length);
  for (const [i, value] of values.entries()) expect(resized[i]).toBeCloseTo(value, 5);
});

it('keeps leading rows and every channel', () => {
  const table = Float32Array.from([100, 200, ...learned].flatMap((value) => [value, -value]));
  const resized = resizePositionTable(table, { from: [3, 3], to: [2, 2], keptRows: 2 });
  const plain = resizePositionTable(learned, { from: [3, 3], to: [2, 2], keptRows: 0 });
  expect([...resized]).toEqual([100, 200, ...plain].flatMap((value) => [value, -value]));
});

it('changes nothing when the grid stays', () => {
  const same = resizePositionTable(learned, { from: [3, 3], to: [3, 3], keptRows: 0 });
  for (const [i, value] of learned.entries()) expect(same[i]).toBeCloseTo(value, 6);
});
