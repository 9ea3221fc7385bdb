// What `npm run tune` refuses before it measures anything.
import { expect, test, vi } from 'vitest';
import { main } from '../../tools/tune';

test.each([
  [['--rounds', '2'], '--rounds wants a whole number from 3 up, not 2.'],
  [['--rounds', 'many'], '--rounds wants a whole number from 3 up, not many.'],
  [['--speed'], "Unknown option '--speed'"],
  [['task:chess'], 'There is no task:chess to plan; there are '],
  [['task:pose', 'blok'], 'There is no blok to plan; there are '],
  [['task:pose:huge'], 'pose has no preset huge; presets: '],
])('%j', async (args, sentence) => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  expect(await main(['--dry', ...args])).toBeGreaterThan(0);
  expect(said).toHaveBeenCalledWith(expect.stringContaining(sentence));
  said.mockRestore();
});
