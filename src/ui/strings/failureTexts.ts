// What the page says of a run that an error ended; loaded when one did.
import { count } from '../format/quantities';
import type { LocaleTag } from './taskStrings';

const number = (value: number) => count('en', value);

const shu = (value: number) => count('zh-CN', value);

const en = {
  user: 'Training stopped',
  bug: 'Our mistake',
  bugLead: 'This should not have happened and is not your doing. The report below holds no file names and no data.',
  lost: 'The GPU was lost',
  lostLead: 'The browser took the GPU away, for example after a driver restart or because another program needed it.',
  kept: (step: number) => `Training is saved up to step ${number(step)}.`,
  nothingKept: 'No step was saved before this happened.',
  retry: (step: number) => `Continue from step ${number(step)}`,
  report: 'Report',
  copy: 'Copy report',
  copied: 'Copied',
  toSetting: (label: string) => `Go to ${label}`,
};

type FailureTexts = typeof en;

const zhCN: FailureTexts = {
  user: '训练停止',
  bug: '这是我们的错误',
  bugLead: '这不应该发生，也不是您造成的。下面的报告不含文件名和数据。',
  lost: 'GPU 丢失',
  lostLead: '浏览器收回了 GPU，例如驱动重启，或别的程序需要它。',
  kept: (step) => `训练已保存到第 ${shu(step)} 步。`,
  nothingKept: '在此之前没有保存任何一步。',
  retry: (step) => `从第 ${shu(step)} 步继续`,
  report: '报告',
  copy: '复制报告',
  copied: '已复制',
  toSetting: (label) => `转到${label}`,
};

export const failureTexts: Readonly<Record<LocaleTag, FailureTexts>> = { en, 'zh-CN': zhCN };
