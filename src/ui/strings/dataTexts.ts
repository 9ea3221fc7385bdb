// Words about chosen files; loaded with the check of them.
import { count } from '../format/quantities';
import type { LocaleTag } from './taskStrings';

const en = {
  /** `reads` says what the task reads. */
  unknown: (files: number, reads: string) =>
    `${files === 1 ? 'This file is' : `None of these ${count('en', files)} files is`} ${files === 1 ? 'not one' : 'one'} that this task reads. ${reads}`,
  fetchVocabulary: (size: string, host: string) => `Fetch CLIP’s vocabulary (${size} from ${host})`,
};

export type DataTexts = typeof en;

const zhCN: DataTexts = {
  unknown: (files, reads) =>
    `${files === 1 ? '这个文件不是' : `这 ${count('zh-CN', files)} 个文件都不是`}本任务能读取的。${reads}`,
  fetchVocabulary: (size, host) => `获取 CLIP 的词表（${size}，来自 ${host}）`,
};

export const dataTexts: Readonly<Record<LocaleTag, DataTexts>> = { en, 'zh-CN': zhCN };
