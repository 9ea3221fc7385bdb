// What the clip classifier's settings mean together: presets that can be chosen, remarks, rates, and the network they make.
import { describe, expect, it, test } from 'vitest';
import { safeParse } from 'valibot';
import { Graph } from '../../../src/engine/graph/graph';
import { Parameters } from '../../../src/engine/graph/parameters';
import { mntsmDataSettings } from '../../../src/models/mntsm/dataSettings';
import { mntsmConfig, mntsmDefinition, runtime } from '../../../src/models/mntsm/runtime';
import { task } from '../../../src/models/mntsm/task';
import { normNames } from '../../../src/models/mntsm/places';
import type { Settings } from '../../../src/models/settings';

const known = new Map(task.settings.map((setting) => [setting.key, setting]));
const defaults: Settings = Object.fromEntries(task.settings.map((setting) => [setting.key, setting.default]));

function preset(name: string): Settings {
  return { ...defaults, ...task.presets.find((one) => one.name === name)?.settings };
}

test.each(task.presets.map(({ name, settings }) => [name, settings] as const))(
  'preset %s sets only what there is, to what it may be',
  (_name, settings) => {
    const wrong = Object.entries(settings).filter(([key, value]) => {
      const setting = known.get(key);
      return !setting || !safeParse(setting.schema, value).success;
    });
    expect(wrong).toEqual([]);
  },
);

describe('remarks', () => {
  const codes = (settings: Settings) => (task.remarks?.(settings) ?? []).map(({ code }) => code);

  it('names classes that are balanced twice', () => {
    expect(codes(preset('upstream'))).toContain('mntsm-balanced-twice');
    expect(codes(preset('recommended'))).not.toContain('mntsm-balanced-twice');
    expect(codes(preset('baseline'))).not.toContain('mntsm-balanced-twice');
  });

  it('says how many epochs the patience of early stopping is', () => {
    const [remark] = task.remarks?.(preset('recommended')) ?? [];
    expect(remark).toMatchObject({ code: 'mntsm-patience', detail: { validations: 10, epochs: 20 } });
    expect(codes({ ...preset('recommended'), earlyStopPatience: 0 })).toEqual([]);
  });
});

describe('the learning rate', () => {
  const rate = (epoch: number, settings: Settings) =>
    runtime.learningRate((epoch - 1) * 10 + 1, 10, settings, Number(settings['learningRate']));

  it('warms up per epoch, then falls by a cosine, as the recipe says', () => {
    const settings = preset('recommended');
    const rates = [1, 2, 3, 4, 5, 50].map((epoch) => rate(epoch, settings));
    [1e-4, 2e-4, 3e-4, 3e-4, 2.997e-4, 3.03e-5].forEach((want, i) => expect(rates[i]).toBeCloseTo(want, 7));
    expect(runtime.learningRate(10, 10, settings, Number(settings['learningRate']))).toBe(rates[0]);
  });

  it('stays as it is without a schedule, and is never below what it falls to', () => {
    expect([1, 7, 50].map((epoch) => rate(epoch, preset('baseline')))).toEqual([1e-3, 1e-3, 1e-3]);
    const low = { ...preset('recommended'), learningRate: 1e-5 };
    expect([4, 30, 50].map((epoch) => rate(epoch, low))).toEqual([1e-5, 1e-5, 1e-5]);
  });
});

describe('the network of a preset', () => {
  it('freezes the first third of the normalisations, or the weights of all', () => {
    const { architecture, frozenNorms } = mntsmConfig(preset('recommended'));
    expect(frozenNorms).toEqual({ layers: 15, what: 'both' });
    expect(normNames(architecture)).toHaveLength(46);
    expect(mntsmConfig(preset('upstream')).frozenNorms).toEqual({ layers: 46, what: 'affine' });
    expect(mntsmConfig(preset('medium')).frozenNorms.layers).toBe(25);
  });

  it.each(['recommended', 'upstream', 'baseline'])('%s says a score and two numbers per frame', (name) => {
    const settings = { ...preset(name), batch: 3, segments: 4, imageSize: 32 };
    const model = mntsmDefinition(settings);
    const { inputs } = model;
    const clips = { shape: [3, 4, 3, 32, 32], frames: true, half: true };
    expect(inputs).toEqual({ clips, label: [3], weight: [3] });
    const graph = new Graph();
    const tensors = Object.fromEntries(
      Object.entries(inputs).map(([key, input]) => [key, graph.input(key, 'shape' in input ? input.shape : input)]),
    );
    const said = Object.entries(model.predict!(new Parameters(graph), tensors)).map(([key, { shape }]) => [key, shape]);
    expect(Object.fromEntries(said)).toEqual({ score: [3], attention: [3, 4], frameScores: [3, 4] });
    expect(model.loss(new Parameters(graph), tensors).total.shape).toEqual([]);
  });
});

test('the data reads what the settings say', () => {
  expect(mntsmDataSettings(preset('recommended'))).toMatchObject({
    shape: { frames: 8, spanSeconds: 2 },
    starts: 'random',
    look: { size: { width: 224, height: 224 }, mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
    flip: 0.5,
    jitter: { brightness: 0.2, contrast: 0.2, saturation: 0.2, hue: 0.1 },
    balancedSampler: true,
    positiveWeight: 'none',
  });
  expect(mntsmDataSettings(preset('upstream'))).toMatchObject({
    starts: 'windows',
    look: { mean: [0, 0, 0], std: [1, 1, 1] },
    flip: 0,
    positiveWeight: 'squareRoot',
  });
});
