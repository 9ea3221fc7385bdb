// Waits that end: work that gives nothing is stopped, work that gives signs of life may take its time.
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { patienceSeconds, withPatience, withSigns } from '../../src/video/patience';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new Promise<never>(() => undefined);
const after = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

it('ends what gives nothing', async () => {
  const work = expect(withPatience(never, 'a.ts')).rejects.toMatchObject({
    code: 'video-stalled',
    detail: { path: 'a.ts' },
  });
  await vi.advanceTimersByTimeAsync(patienceSeconds * 1000 + 1);
  await work;
});

it('waits for a file of an hour whose packets come one by one', async () => {
  const work = withSigns(async (sign) => {
    for (let packet = 0; packet < 50; packet++) {
      await after(1);
      sign();
    }
    return 'read';
  }, 'a.ts');
  await vi.advanceTimersByTimeAsync(50_001);
  expect(await work).toBe('read');
});

it('ends it where they stop coming, and where the person cancels', async () => {
  const stopped = withSigns(async (sign) => {
    await after(2);
    sign();
    return await never;
  }, 'a.ts');
  const work = expect(stopped).rejects.toMatchObject({ code: 'video-stalled' });
  await vi.advanceTimersByTimeAsync(2000 + patienceSeconds * 1000 + 1);
  await work;
  const abort = new AbortController();
  const cancelled = expect(withSigns(() => never, 'a.ts', abort.signal)).rejects.toMatchObject({ name: 'AbortError' });
  abort.abort();
  await cancelled;
});
