// What somebody waits for comes next, and nobody waits for ever.
import { expect, it } from 'vitest';
import { UrgentFirst } from '../../src/frames/urgentFirst';

const never = new AbortController().signal;
const turn = () => new Promise((resolve) => setTimeout(resolve));

it('works on all in order, but first on what is waited for', async () => {
  const queue = new UrgentFirst([1, 2, 3, 4, 5]);
  const order: number[] = [];
  const all = queue.inLanes(1, never, async (item) => {
    await turn();
    order.push(item);
  });
  await queue.over(4);
  expect(order).toEqual([1, 4]);
  const [two, five] = [queue.over(2), queue.over(5)];
  await five;
  expect(order).toEqual([1, 4, 2, 5]);
  await Promise.all([two, queue.over(1), queue.over(7), all]);
  expect(order).toEqual([1, 4, 2, 5, 3]);
  await queue.over(3);
});

it('lets go of all who wait when a work fails', async () => {
  const queue = new UrgentFirst(['broken', 'whole']);
  const all = queue.inLanes(1, never, () => Promise.reject(new Error('broken')));
  await Promise.all([queue.over('broken'), queue.over('whole'), expect(all).rejects.toThrow('broken')]);
});
