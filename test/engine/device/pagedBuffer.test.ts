// Where a long array is cut into buffers.
import { expect, it } from 'vitest';
import { layoutParameters } from '../../../src/engine/device/parameterStore';
import { Graph } from '../../../src/engine/graph/graph';
import { cutIntoPages, pagesUpTo } from '../../../src/engine/device/pagedBuffer';

it('fills pages as far as they go, and cuts between parameters only', () => {
  expect(cutIntoPages([256, 768, 1024, 2048, 2304], 1024)).toEqual([
    { begin: 0, end: 1024 },
    { begin: 1024, end: 2048 },
    { begin: 2048, end: 2304 },
  ]);
  expect(cutIntoPages([256, 768], 4096)).toEqual([{ begin: 0, end: 768 }]);
  expect(cutIntoPages([], 4096)).toEqual([{ begin: 0, end: 0 }]);
});

it('ends with the trained parameters', () => {
  const pages = [
    { begin: 0, end: 1024 },
    { begin: 1024, end: 2048 },
  ];
  expect(pagesUpTo(pages, 1536)).toEqual([
    { begin: 0, end: 1024 },
    { begin: 1024, end: 1536 },
  ]);
  expect(pagesUpTo(pages, 1024)).toEqual([{ begin: 0, end: 1024 }]);
});

it('names the parameter that no buffer holds', () => {
  const graph = new Graph();
  for (const [name, rows] of [
    ['small', 4],
    ['large', 32],
  ] as const)
    graph.parameter({ name, shape: [rows, 32], initializer: { kind: 'constant', value: 0 }, trainable: true });
  expect(() => layoutParameters(graph, new Set(['small']), 2048)).toThrow(
    /large: .*\[32, 32\] needs 4096.*at most 2048/,
  );
  expect(layoutParameters(graph, new Set(['small']), 4096).pages).toHaveLength(2);
});
