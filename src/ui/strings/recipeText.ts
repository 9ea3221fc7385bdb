// What the dialog for recipes says, loaded with it.
import { count } from '../format/quantities';
import type { LocaleTag } from './taskStrings';

const en = {
  title: 'Paste a recipe',
  lead: 'YAML in the keys of the training program that it was written for, or in our own. Nothing changes before you apply it; what it does not name stays as it is.',
  text: 'Recipe (YAML)',
  choose: 'Choose a file',
  copy: 'Copy the present settings as YAML',
  copied: 'Copied',
  unreadable: 'The file could not be read. Choose it again.',
  understood: (n: number) => `Understood (${count('en', n)})`,
  unknown: (n: number) => `Not understood, left out (${count('en', n)})`,
  problems: (n: number) => `Cannot be taken over (${count('en', n)})`,
  line: (n: number) => `line ${count('en', n)}`,
  columns: { line: 'Line', key: 'Key', meaning: 'Means' },
  nothingToSet: 'Nothing to set here.',
  apply: (n: number) => (n === 1 ? 'Apply 1 setting' : `Apply ${count('en', n)} settings`),
};

export type RecipeText = typeof en;

const zhCN: RecipeText = {
  title: '粘贴配方',
  lead: '用原训练程序的键写的 YAML，或用我们自己的键。应用之前什么都不会变；没有提到的设置保持原样。',
  text: '配方（YAML）',
  choose: '选择文件',
  copy: '以 YAML 复制当前设置',
  copied: '已复制',
  unreadable: '文件无法读取。请重新选择。',
  understood: (n) => `已理解（${count('zh-CN', n)}）`,
  unknown: (n) => `未理解，不采用（${count('zh-CN', n)}）`,
  problems: (n) => `无法采用（${count('zh-CN', n)}）`,
  line: (n) => `第 ${count('zh-CN', n)} 行`,
  columns: { line: '行', key: '键', meaning: '含义' },
  nothingToSet: '这里没有可设置的。',
  apply: (n) => `应用 ${count('zh-CN', n)} 项设置`,
};

export const recipeText: Readonly<Record<LocaleTag, RecipeText>> = { en, 'zh-CN': zhCN };
