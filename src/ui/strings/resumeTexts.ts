// Words of the card that offers to go on with a run; loaded with it.
import { count } from '../format/quantities';
import type { LocaleTag } from './taskStrings';

const number = (value: number) => count('en', value);
const shu = (value: number) => count('zh-CN', value);

const en = {
  ask: (name: string, step: number) => `Continue run ${name} from step ${number(step)}?`,
  files: (name: string) => `Its files (“${name}”) must be chosen again.`,
  folder: (name: string) => `The browser may ask whether this page may read “${name}” again.`,
  continue: 'Continue',
  notNow: 'Not now',
};

type ResumeTexts = typeof en;

const zhCN: ResumeTexts = {
  ask: (name, step) => `从第 ${shu(step)} 步继续训练 ${name}？`,
  files: (name) => `需要再次选择它的文件（“${name}”）。`,
  folder: (name) => `浏览器可能会询问本页面能否再次读取“${name}”。`,
  continue: '继续',
  notNow: '以后再说',
};

export const resumeTexts: Readonly<Record<LocaleTag, ResumeTexts>> = { en, 'zh-CN': zhCN };
