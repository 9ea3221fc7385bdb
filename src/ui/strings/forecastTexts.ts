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
  rather: 'This fits:',
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
  rather: '下面的设置放得下：',
};

export const forecastTexts: Readonly<Record<LocaleTag, ForecastTexts>> = { en, 'zh-CN': zhCN };
