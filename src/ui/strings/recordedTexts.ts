// Words beside a recorded result of a demo; loaded with it.
import { count } from '../format/quantities';
import type { LocaleTag } from './taskStrings';

const en = {
  title: 'A recorded result of this demo',
  made: (metric: string, before: string, after: string, steps: number, time: string) =>
    `${metric}: ${before} before training, ${after} after ${count('en', steps)} steps in ${time}.`,
  where: (date: string, adapter: string) => `An excerpt, recorded on ${date} on ${adapter}; yours takes its place.`,
  failed: 'The recorded result of this demo could not be loaded.',
};

const zhCN: typeof en = {
  title: '本演示的一份已录结果',
  made: (metric, before, after, steps, time) =>
    `${metric}：训练前 ${before}，${count('zh-CN', steps)} 步（${time}）后 ${after}。`,
  where: (date, adapter) => `节选，${date} 录于 ${adapter}；您训练后将换成您自己的结果。`,
  failed: '无法载入本演示的已录结果。',
};

export const recordedTexts: Readonly<Record<LocaleTag, typeof en>> = { en, 'zh-CN': zhCN };
