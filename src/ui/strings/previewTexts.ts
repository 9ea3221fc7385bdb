// Words beside scenes of a demo; loaded with them.
import type { LocaleTag } from './taskStrings';

const en = { caption: 'From what the demo trains on, drawn in this page' };

const zhCN: typeof en = { caption: '演示所用的部分训练内容，由本页绘制' };

export const previewTexts: Readonly<Record<LocaleTag, typeof en>> = { en, 'zh-CN': zhCN };
