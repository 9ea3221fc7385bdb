// Words of saving runs as one .zip and of reading it in again; loaded with the buttons for it.
import { count } from '../format/quantities';
import type { LocaleTag } from './taskStrings';

const en = {
  one: 'Everything (.zip)…',
  all: 'Save all runs (.zip)…',
  of: (name: string) => `Everything of ${name} in one .zip`,
  allOf: (runs: number) => `${count('en', runs)} ${runs === 1 ? 'run' : 'runs'} in one .zip`,
  holds:
    'Record, report, settings, every step and the kept views; this page reads the file in again, here or elsewhere.',
  heavy: 'With checkpoints and weights',
  light: 'Without them the runs can be looked at and compared elsewhere, but not continued.',
  measuring: 'Counting…',
  save: (size: string) => `Save ${size}`,
  saving: (percent: string) => `Reading, ${percent}`,
  saved: 'Handed to the browser as a download.',
  read: 'Read runs from a .zip',
  reading: 'Reading the archive…',
  taken: (names: string) => `Taken over: ${names}.`,
  known: (names: string) => `Already here: ${names}.`,
  comma: ', ',
  space: ' ',
};

export type ArchiveTexts = typeof en;

const zhCN: ArchiveTexts = {
  one: '全部内容（.zip）…',
  all: '保存所有记录（.zip）…',
  of: (name) => `${name} 的全部内容，存为一个 .zip`,
  allOf: (runs) => `${count('zh-CN', runs)} 条记录，存为一个 .zip`,
  holds: '包括记录、报告、设置、每一步的数据和保存的视图；本页面可以再次读入这个文件，在这里或别处。',
  heavy: '包括检查点和权重',
  light: '不包括时，在别处可以查看和比较这些记录，但不能继续训练。',
  measuring: '正在计算大小…',
  save: (size) => `保存 ${size}`,
  saving: (percent) => `正在读取，${percent}`,
  saved: '已交给浏览器下载。',
  read: '从 .zip 读入记录',
  reading: '正在读取压缩包…',
  taken: (names) => `已读入：${names}。`,
  known: (names) => `已经在这里：${names}。`,
  comma: '、',
  space: '',
};

export const archiveTexts: Readonly<Record<LocaleTag, ArchiveTexts>> = { en, 'zh-CN': zhCN };
