// The smallest task that trains: a curve through noisy points. docs/models.md goes through it line by line.
import { integer, number } from '../settingFields';
import { sharedSettings } from '../sharedSettings';
import type { Task } from '../task';

const metric = { name: 'error', unit: '', better: 'lower' } as const;

export const task: Task = {
  name: 'smallest',
  settings: [
    ...sharedSettings({ epochs: 20, batch: 16, learningRate: 0.01, weightDecay: 0, mixedPrecision: false }),
    number('data', 'noise', 0.05, { minimum: 0, maximum: 1 }),
    integer('model', 'width', 32, { minimum: 1, maximum: 1024, primary: true }),
  ],
  presets: [{ name: 'demo', settings: {} }],
  defaultPreset: 'demo',
  accepts: ['.json'],
  metric,
  metrics: [metric],
};
