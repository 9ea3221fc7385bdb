// Which dispatches must wait: by the bytes that they read and write.
import { expect, test } from 'vitest';
import { Graph } from '../../src/engine/graph/graph';
import type { Tensor } from '../../src/engine/graph/tensor';
import { barriersOf } from '../../tools/isa/hazards';

const graph = new Graph();
const [x, a, b, c] = ['x', 'a', 'b', 'c'].map((name) => graph.input(name, [64])) as [Tensor, Tensor, Tensor, Tensor];

const call = (reads: readonly Tensor[], writes: readonly Tensor[]) => ({
  bindings: [
    ...reads.map((tensor) => ({ tensor, written: false })),
    ...writes.map((tensor) => ({ tensor, written: true })),
  ],
});

function barriers(calls: readonly ReturnType<typeof call>[], offsets: readonly (readonly [Tensor, number])[]) {
  const places = new Map(offsets.map(([tensor, offset]) => [tensor, { arena: 0, offset, bytes: 256 }]));
  return barriersOf({ calls, memory: { places }, updatesInPlace: new Map([[c, 'state']]) });
}

test('lets neighbours overlap that touch other bytes, and waits for what is read or written over', () => {
  const apart = [
    [a, 0],
    [b, 256],
    [c, 512],
  ] as const;
  expect(barriers([call([x], [a]), call([x], [b])], apart)).toEqual([false, false]);
  expect(barriers([call([x], [a]), call([x], [b]), call([a, b], [c])], apart)).toEqual([false, false, true]);
  // The last one waited for both; what it reads again needs no more.
  expect(barriers([call([x], [a]), call([a], [b]), call([a], [c])], apart)).toEqual([false, true, false]);
  // b takes the memory that a is read from.
  const reused = [
    [a, 0],
    [b, 0],
    [c, 512],
  ] as const;
  expect(barriers([call([a], [c]), call([x], [b])], reused)).toEqual([false, true]);
});

test('waits where a parameter is read and its new value is made in its place', () => {
  const initializer = { kind: 'constant', value: 0 } as const;
  const state = graph.parameter({ name: 'state', shape: [64], initializer, trainable: false });
  expect(barriers([call([state], [a]), call([x], [c])], [[a, 0]])).toEqual([false, true]);
});
