// What windows of 768 frames need: memory by the plan, and kernels whatever the number of chunks. No GPU.
import { describe, expect, it } from 'vitest';
import { defaultTarget } from '../../../src/engine/kernels/target';
import { adatadDefinition } from '../../../src/models/adatad/definition';
import { runtime } from '../../../src/models/adatad/runtime';
import { task } from '../../../src/models/adatad/task';
import type { Settings } from '../../../src/models/settings';
import { planTraining } from '../../../src/training/trainer/planTraining';
import { groupFinder, parameterGroups } from '../../../src/training/trainer/parameterGroups';
import { smallerSettings } from '../../../src/ui/config/smallerSettings';

const facts = { classes: Array.from({ length: 20 }, (_, i) => `class ${i}`) };
const defaults: Settings = Object.fromEntries(task.settings.map(({ key, default: value }) => [key, value]));

function planOf(settings: Settings, half: boolean) {
  const all = { ...defaults, accumulation: 1, ...settings };
  const groups = parameterGroups(runtime, all, facts);
  const optimizer = {
    ...({ name: 'AdamW', betas: [0.9, 0.999] } as const),
    ...{ epsilon: 1e-8, weightDecay: 0, clipNorm: 1, ema: 0.999 },
    ...{ groups, groupOf: groupFinder(groups) },
  } as const;
  const target = { ...defaultTarget, half };
  const choices = { recompute: 'all', accumulation: 1 } as const;
  const { planned, bytes } = planTraining(adatadDefinition(all, facts), target, optimizer, choices);
  const calls = planned.programs.flatMap((program) => program.calls);
  const { pieces } = planned.programs[0]!.inputs.get('clips')!;
  return { bytes, kernels: new Set(calls.map(({ source }) => source)).size, calls: calls.length, pieces };
}

const GIB = 2 ** 30;

describe('the published model on 768 frames at 160 px', () => {
  const single = planOf({}, false);

  it('fits 1.5 GiB with f16 storage and 2.6 GiB in f32, within the default binding limit', () => {
    // A tensor that exceeds the binding limit is refused by the plan.
    expect(planOf({}, true).bytes).toBeLessThan(1.5 * GIB);
    expect(single.bytes).toBeLessThan(2.6 * GIB);
  });

  it('has no more kernels and planned dispatches than for half as many chunks', () => {
    const half = planOf({ frames: 384 }, false);
    expect(single.pieces).toBe(2 * half.pieces);
    expect(single.kernels).toBeLessThanOrEqual(half.kernels);
    expect(single.calls).toBeLessThanOrEqual(half.calls);
  });
});

describe('where it does not fit', () => {
  it('384, 192, 96 and 32 frames are offered, all of which its levels divide', () => {
    const offered: number[] = [];
    let settings: Settings = defaults;
    for (;;) {
      const offers = smallerSettings(task, settings, { code: 'memory-budget', detail: {} });
      const offer = offers.find(({ what }) => what === 'frames');
      if (offer === undefined) break;
      settings = { ...settings, ...offer.changes };
      offered.push(Number(settings['frames']));
      expect(() => adatadDefinition(settings, facts)).not.toThrow();
    }
    expect(offered).toEqual([384, 192, 96, 32]);
    expect([settings['batch'], settings['accumulation']]).toEqual([defaults['batch'], defaults['accumulation']]);
  });
});
