// Words about what settings ask of a device; loaded with what shows it.
import { count } from '../format/quantities';
import type { LocaleTag } from './taskStrings';

const en = {
  label: 'What these settings ask for',
  memory: 'GPU memory',
  largest: 'Largest buffer',
  steps: 'Steps',
  perEpoch: (steps: number, each: number) => `${count('en', steps)} · ${count('en', each)} per epoch`,
  time: 'Training, at least',
  tooMuch: 'These settings do not fit this device.',
  buffer: (needed: string, given: string) => `These settings need ${needed} in one buffer, this device gives ${given}`,
  budget: (needed: string, given: string) => `These settings need ${needed} in all, the budget is ${given}`,
  batch: (batch: number, accumulation: number) =>
    `: largest batch ${count('en', batch)}, accumulation ×${count('en', accumulation)} keeps the effective batch.`,
  frames: (frames: number) => `: ${count('en', frames)} frames fit.`,
  nothing: ', also with batch 1.',
  use: 'Use it',
  /** Behind the name of a preset that no batch makes fit. */
  presetNeeds: (needed: string, given: string) => `needs ${needed} in one buffer, this device gives ${given}`,
  presetTooLarge: 'too large for this device',
};

export type ForecastTexts = typeof en;

const zhCN: ForecastTexts = {
  label: '这些设置的需求',
  memory: '显存',
  largest: '最大缓冲区',
  steps: '步数',
  perEpoch: (steps, each) => `${count('zh-CN', steps)} · 每轮 ${count('zh-CN', each)}`,
  time: '训练至少需要',
  tooMuch: '这个设备放不下这些设置。',
  buffer: (needed, given) => `这些设置的一个缓冲区需要 ${needed}，这个设备只给 ${given}`,
  budget: (needed, given) => `这些设置总共需要 ${needed}，预算是 ${given}`,
  batch: (batch, accumulation) =>
    `：批大小最多 ${count('zh-CN', batch)}，梯度累积 ×${count('zh-CN', accumulation)} 可保持有效批大小。`,
  frames: (frames) => `：${count('zh-CN', frames)} 帧放得下。`,
  nothing: '，批大小为 1 也不够。',
  use: '采用',
  presetNeeds: (needed, given) => `一个缓冲区需要 ${needed}，这个设备只给 ${given}`,
  presetTooLarge: '这个设备放不下',
};

export const forecastTexts: Readonly<Record<LocaleTag, ForecastTexts>> = { en, 'zh-CN': zhCN };
