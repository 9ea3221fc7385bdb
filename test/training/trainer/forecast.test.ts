// What settings ask for is known without a GPU, in little time, and what does not fit is refused with a way out.
import { expect, it } from 'vitest';
import type { UserError } from '../../../src/errors';
import type { Settings } from '../../../src/models/settings';
import { task } from '../../../src/models/pose/task';
import { runtime } from '../../../src/models/pose/runtime';
import { fittingSettings } from '../../../src/ui/config/smallerSettings';
import { presetSettings } from '../../../src/ui/config/settingValues';
import { forecast } from '../../../src/training/trainer/forecast';

const known = { runtime, facts: {}, trainClips: 1000 };
const adapter = (bindingBytes: number) => ({
  software: false,
  features: [],
  limits: { maxBufferSize: 2 * bindingBytes, maxStorageBufferBindingSize: bindingBytes },
});

it('grows with the clips at once, and counts steps', () => {
  const settings = presetSettings(task, 'narrow');
  const small = forecast({ ...known, settings, adapter: null });
  const large = forecast({ ...known, settings: { ...settings, batch: 32 }, adapter: null });
  expect(small.stepsPerEpoch).toBe(62);
  expect(large.stepsPerEpoch).toBe(31);
  expect(large.bytes).toBeGreaterThan(small.bytes);
  expect(large.gigaflopsPerStep / small.gigaflopsPerStep).toBeCloseTo(2, 1);
  expect(small.largestBufferBytes).toBeLessThan(small.bytes);
});

it('refuses what the device cannot bind, and what is offered instead fits', async () => {
  const settings = { ...presetSettings(task, 'narrow'), batch: 512 };
  const plan = (values: typeof settings) => forecast({ ...known, adapter: adapter(2 ** 20), settings: values });
  let refused: UserError | undefined;
  try {
    plan(settings);
  } catch (error) {
    refused = error as UserError;
  }
  expect(refused).toMatchObject({ code: 'tensor-too-large', detail: { limit: 2 ** 20 } });
  const asked = (values: Settings) => Promise.resolve().then(() => plan(values as typeof settings));
  const offer = await fittingSettings(task, settings, refused!, asked);
  const { batch, accumulation } = offer!.changes;
  expect(batch! * accumulation!).toBe(512);
  expect(() => plan({ ...settings, ...offer!.changes })).not.toThrow();
});
