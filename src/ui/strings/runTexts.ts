// Words about runs that ended, broke off, or are trained elsewhere; loaded with what shows them.
import type { SettingChange } from '../../training/protocol';
import { count } from '../format/quantities';
import type { LocaleTag } from './taskStrings';

const number = (value: number) => count('en', value);
const shu = (value: number) => count('zh-CN', value);

const en = {
  held: 'This browser has no room for these weights: only this page’s memory holds them. Download them before you close it.',
  heldShort: 'in memory only',
  download: 'Download the weights',
  full: 'No room in this browser’s storage. Training goes on, and the weights stay in memory until this page is closed; delete runs that you no longer need to make room.',
  keptInMemory: (step: number) => `Training is in this page’s memory up to step ${number(step)}.`,
  lossTwice: 'The GPU was lost more than once with these settings. Smaller ones may hold:',
  smallerRun: 'This ends the run under way, which is kept, and starts another.',
  elsewhere: 'Training in another tab',
  elsewhereNote: 'It can be stopped there.',
  open: (name: string) => `Open ${name}`,
  openShort: 'Open',
  opened: 'A kept run, as it ended.',
  openedBroken: 'A kept run, as far as it came.',
  compare: 'Compare',
  compareOf: (name: string) => `Compare ${name}`,
  comparison: 'Comparison',
  compareHint: 'Tick two to five runs to see their curves over one another.',
  settingsThatDiffer: 'Settings that differ',
  noDifference: 'These runs have the same settings.',
  metrics: 'Metrics',
  run: 'Run',
  best: 'best',
  after: 'after',
  changes: 'Changed on the way',
  /** `than` is null for the weights before training. */
  verdict: (better: boolean, than: string | null, value: string) =>
    `${better ? 'Better' : 'Not better'} than ${than ?? 'before training'} (${value}).`,
  /** What there are, such as validation videos, and how many. */
  judgedOn: (counts: readonly (readonly [name: string, items: number])[]) =>
    `Judged on ${new Intl.ListFormat('en').format(counts.map(([name, items]) => `${number(items)} ${name}`))}.`,
  /** By how its validations went on so far. */
  outlook: (than: string, value: string, steps: number) =>
    `It would pass ${than} (${value}) after about ${number(steps)} more steps, if it went on as so far.`,
  steps: 'Steps (steps.csv)',
  changed: ({ step }: SettingChange, label: string, from: string, to: string) =>
    `step ${number(step)}: ${label} ${from} → ${to}`,
};

export type RunTexts = typeof en;

const zhCN: RunTexts = {
  held: '浏览器没有空间保存这些权重：它们只在本页面的内存里。请在关闭页面前下载。',
  heldShort: '仅在内存中',
  download: '下载权重',
  full: '浏览器的存储没有空间了。训练继续，权重在关闭本页面之前留在内存里；可以删除不再需要的记录以腾出空间。',
  keptInMemory: (step) => `训练已在本页面的内存里保留到第 ${shu(step)} 步。`,
  lossTwice: '用这些设置时 GPU 不止一次丢失。更小的设置也许可行：',
  smallerRun: '这会结束正在进行的训练（会保留），并开始另一次。',
  elsewhere: '正在另一个标签页训练',
  elsewhereNote: '可以在那里停止它。',
  open: (name) => `打开 ${name}`,
  openShort: '打开',
  opened: '保存的记录，停在结束时的样子。',
  openedBroken: '保存的记录，停在中断时的样子。',
  compare: '比较',
  compareOf: (name) => `比较 ${name}`,
  comparison: '比较',
  compareHint: '勾选两到五条记录，把曲线叠在一起看。',
  settingsThatDiffer: '不同的设置',
  noDifference: '这些记录的设置相同。',
  metrics: '指标',
  run: '记录',
  best: '最佳',
  after: '训练后',
  changes: '途中的更改',
  verdict: (better, than, value) => `${better ? '优于' : '不优于'}${than ?? '训练前'}（${value}）。`,
  judgedOn: (counts) => `依据：${counts.map(([name, items]) => `${name} ${shu(items)}`).join('、')}。`,
  outlook: (than, value, steps) => `若照此趋势，再训练约 ${shu(steps)} 步将优于${than}（${value}）。`,
  steps: '每步数据（steps.csv）',
  changed: ({ step }, label, from, to) => `第 ${shu(step)} 步：${label} ${from} → ${to}`,
};

export const runTexts: Readonly<Record<LocaleTag, RunTexts>> = { en, 'zh-CN': zhCN };
