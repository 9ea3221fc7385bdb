// What the bench prints: cells of figures, reasons in place of figures, and what makes it fail.
import { expect, test } from 'vitest';
import { judge } from './judge';
import type { AdapterFigures, Figures, Row } from './protocol';
import { complaints, headLines, table } from './table';

const adapter: AdapterFigures = { description: 'llvmpipe', software: true, gigaflops: 40, gigabytes: 8 };
const counted: Figures = {
  steps: 12,
  medianMilliseconds: 50,
  leastMilliseconds: 40,
  firstMilliseconds: 1234.5,
  setupMilliseconds: 1000,
  pipelines: 9,
  dispatches: 38,
  submissions: 2,
  newBuffers: 0,
  newBindGroups: 0,
  grownBytes: 0,
  peakBytes: 3 * 2 ** 20,
  check: [0.729815, 0.644599],
};
const figures: Figures = { ...counted, plannedBytes: 2.5 * 2 ** 20, flops: 1e9, bytes: 1e8 };
const ours: Row = { subject: 'block', engine: 'tabtune', figures, details: [] };
const jaxjs: Row = {
  subject: 'block',
  engine: 'jaxjs',
  figures: { ...counted, medianMilliseconds: 100 },
  details: [],
};
const ort: Row = { subject: 'block', engine: 'ort', reason: 'it has no training', details: [] };

function cells(rows: readonly Row[], i: number): string[] {
  const line = table(rows, judge(rows), adapter)[2 + i]!;
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

test('a row of ours says times, counts, bytes, shares of both peaks and its values', () => {
  expect(cells([ours, jaxjs, ort], 0)).toEqual(
    ['block', 'tabtune', '50.00', '40.00', '1235', '2.00', '38', '2.0', '0', '0', '2.5', '3.0'].concat(
      // 1 GFLOP in 50 ms is 20 of 40 GFLOP/s; 100 MB in 50 ms are 2 of 8 GB/s.
      ['1', '50.0 %', '100', '25.0 %', '0.72981 > 0.64460'],
    ),
  );
});

test('what only our compiler knows stays empty for a peer', () => {
  expect(cells([ours, jaxjs], 1).slice(10, 16)).toEqual(['', '3.0', '', '', '', '']);
});

test('a row without figures says why, and every line of figures is as wide as the head', () => {
  expect(cells([ours, ort], 1)).toEqual(['block', 'ort', 'n/a: it has no training']);
  const [head, rule, first] = table([ours, ort], judge([ours, ort]), adapter);
  expect([rule!.length, first!.length]).toEqual([head!.length, head!.length]);
});

test('wrong values are marked and make the bench fail, whoever has them', () => {
  const wrong: Row = { ...jaxjs, figures: { ...jaxjs.figures!, check: [0.8, 0.7] } };
  const rows = [ours, jaxjs, { ...wrong, engine: 'tfjs' }];
  expect(cells(rows, 2).at(-1)).toBe('0.80000 > 0.70000 WRONG');
  expect(complaints(rows, judge(rows))).toEqual(['WRONG block by tfjs: its values are not those of most others.']);
});

test('a peer may lack a workload, our engine only where the adapter does', () => {
  const failed: Row = { ...ort, engine: 'tabtune' };
  const complain = (...rows: Row[]): string[] => complaints(rows, judge(rows));
  expect(complain(ours, jaxjs, ort)).toEqual([]);
  expect(complain({ ...failed, lacking: true })).toEqual([]);
  expect(complain(failed)).toEqual(['FAILED block by tabtune: it has no training']);
});

test.each([
  ['llvmpipe: Mesa 25', {}, 'ON, earlier runs'],
  ['llvmpipe: Mesa 25', { MESA_SHADER_CACHE_DISABLE: 'true' }, 'off (MESA'],
  ['llvmpipe: Mesa 25', { MESA_SHADER_CACHE_DISABLE: 'false' }, 'ON, earlier runs'],
  ['NVIDIA H200', { MESA_SHADER_CACHE_DISABLE: 'true' }, 'ON, earlier runs'],
  ['NVIDIA H200', { __GL_SHADER_DISK_CACHE: '0' }, 'off (__GL'],
  ['google swiftshader', {}, 'none, unless'],
])('on %s with %j the shader cache is %s', (description, environment, state) => {
  expect(headLines({ ...adapter, description }, 'Node', environment).at(-1)).toContain(`shader cache: ${state}`);
});
