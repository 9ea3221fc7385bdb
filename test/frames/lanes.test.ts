// So many at a time, and nothing goes on behind a failure.
import { expect, it } from 'vitest';
import { inLanes } from '../../src/frames/lanes';

const never = new AbortController().signal;
const turn = () => new Promise((resolve) => setTimeout(resolve));

it('works on all items, as many at once as there are lanes', async () => {
  let [now, most] = [0, 0];
  const done: number[] = [];
  await inLanes([1, 2, 3, 4, 5, 6, 7], 3, never, async (item) => {
    most = Math.max(most, ++now);
    await turn();
    now--;
    done.push(item);
  });
  expect(most).toBe(3);
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
  await inLanes([], 3, never, () => Promise.reject(new Error('there is none')));
});

it('throws the first failure when the others have stopped', async () => {
  const begun: number[] = [];
  let stopped = 0;
  const run = inLanes([1, 2, 3, 4, 5, 6], 2, never, async (item, signal) => {
    begun.push(item);
    await turn();
    if (item === 2) throw new Error('two is broken');
    await turn();
    if (signal.aborted) stopped++;
  });
  await expect(run).rejects.toThrow('two is broken');
  expect(begun).toEqual([1, 2]);
  expect(stopped).toBe(1);
});

it('stops with the reason of a signal from outside', async () => {
  const abort = new AbortController();
  const begun: number[] = [];
  const run = inLanes([1, 2, 3], 1, abort.signal, async (item) => {
    begun.push(item);
    abort.abort(new DOMException('closed', 'AbortError'));
    await turn();
  });
  await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  expect(begun).toEqual([1]);
});
