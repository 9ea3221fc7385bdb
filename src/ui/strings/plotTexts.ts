// Words of plots and their tables; loaded with what draws them.
import { count } from '../format/quantities';
import type { LocaleTag } from './taskStrings';

const number = (value: number) => count('en', value);
const plural = (value: number, one: string, many: string) => `${number(value)} ${value === 1 ? one : many}`;
const shu = (value: number) => count('zh-CN', value);

const en = {
  loss: 'Loss',
  rate: 'Learning rate',
  time: 'Step time',
  more: 'More curves',
  norm: 'Gradient norm',
  split: 'Where a step’s time goes',
  waits: { whole: 'whole step', data: 'data', submit: 'submit', gpu: 'GPU' },
  held: 'GPU memory held by this page',
  raw: 'raw',
  smoothed: 'smoothed',
  best: 'best',
  validation: 'validation',
  milliseconds: 'ms',
  smoothing: 'Smoothing',
  axis: 'Horizontal axis',
  step: 'Step',
  epoch: 'Epoch',
  seconds: 'Time (s)',
  follow: 'Follow the end',
  log: 'Log y',
  table: 'Show as table',
  asTable: 'Table',
  zoomHint: 'Drag to zoom, double-click to reset.',
  reset: 'Reset zoom',
  empty: 'No points yet',
  thinned: (shown: number, all: number) => `${number(shown)} of ${plural(all, 'row', 'rows')}, evenly spaced`,
};

export type PlotTexts = typeof en;

const zhCN: PlotTexts = {
  loss: '损失',
  rate: '学习率',
  time: '每步时间',
  more: '更多曲线',
  norm: '梯度范数',
  split: '每步时间的去向',
  waits: { whole: '整步', data: '数据', submit: '提交', gpu: 'GPU' },
  held: '本页面占用的显存',
  raw: '原始',
  smoothed: '平滑',
  best: '最佳',
  validation: '验证',
  milliseconds: '毫秒',
  smoothing: '平滑',
  axis: '横轴',
  step: '步',
  epoch: '轮次',
  seconds: '时间（秒）',
  follow: '跟随末尾',
  log: '对数纵轴',
  table: '以表格显示',
  asTable: '表格',
  zoomHint: '拖动放大，双击还原。',
  reset: '还原缩放',
  empty: '还没有数据点',
  thinned: (shown, all) => `${shu(all)} 行中等距取 ${shu(shown)} 行`,
};

export const plotTexts: Readonly<Record<LocaleTag, PlotTexts>> = { en, 'zh-CN': zhCN };
