// Plans beside a run: none is made twice, and one that nobody waits for any more ends with its worker.
import { expect, it } from 'vitest';
import { UserError } from '../../../src/errors';
import { Planner, type PlanRequest, type PlanWorker } from '../../../src/training/planning/planner';
import type { Forecast } from '../../../src/training/protocol';

const request = (batch: number): PlanRequest => ({
  task: 'pose',
  settings: { batch },
  facts: {},
  trainClips: null,
  adapter: null,
});
const found: Forecast = { bytes: 5, largestBufferBytes: 2, gigaflopsPerStep: 1, stepsPerEpoch: null };

/** Workers that answer when they are told to. */
function world() {
  const asked: { batch: unknown; answer: (value: Forecast) => void; refuse: (error: Error) => void }[] = [];
  let workers = 0;
  const start = (): PlanWorker => {
    workers += 1;
    const own: typeof asked = [];
    return {
      plan: ({ settings }) =>
        new Promise((answer, refuse) => {
          const one = { batch: settings['batch'], answer, refuse };
          own.push(one);
          asked.push(one);
        }),
      end: () => own.forEach(({ refuse }) => refuse(new DOMException('ended', 'AbortError'))),
    };
  };
  return { planner: new Planner(start), asked, workers: () => workers };
}

it('answers from memory what was planned before, refusals too', async () => {
  const { planner, asked, workers } = world();
  const first = planner.plan(request(8));
  asked[0]!.answer(found);
  expect(await first).toBe(found);
  expect(await planner.plan(request(8))).toBe(found);
  const second = planner.plan(request(64));
  asked[1]!.refuse(new UserError('tensor-too-large', 'too large'));
  await expect(second).rejects.toThrow('too large');
  await expect(planner.plan(request(64))).rejects.toThrow('too large');
  expect([asked.length, workers()]).toEqual([2, 1]);
});

it('gives up a plan when another is asked for, and makes it when it is wanted after all', async () => {
  const { planner, asked, workers } = world();
  const stale = planner.plan(request(8));
  const wanted = planner.plan(request(9));
  await expect(stale).rejects.toMatchObject({ name: 'AbortError' });
  asked[1]!.answer(found);
  expect(await wanted).toBe(found);
  const again = planner.plan(request(8));
  asked[2]!.answer(found);
  expect(await again).toBe(found);
  expect(workers()).toBe(2);
});
