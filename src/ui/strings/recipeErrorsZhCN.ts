// Sentences for what can be wrong with a pasted recipe in Simplified Chinese, by code.
import type { ErrorDetail } from '../../errors';

export const recipeErrorsZhCN: Readonly<Record<string, (detail: ErrorDetail) => string>> = {
  'yaml-size': () => '设置文件最多一百万个字符。',
  'yaml-documents': ({ line }) => `第 ${line} 行开始了第二个文档（---）：设置文件只有一个，请去掉其余的。`,
  'yaml-syntax': ({ line, column, reason }) => `第 ${line} 行第 ${column} 列不是有效的 YAML：${reason}`,
  'yaml-map': () => '这不是设置列表：每行都应是键、冒号和值。',
  'recipe-whole': ({ key, value, minimum, maximum }) => `${key} 是 ${value}，应为 ${minimum} 到 ${maximum} 的整数。`,
  'recipe-range': ({ key, value, minimum, maximum }) => `${key} 是 ${value}，应为 ${minimum} 到 ${maximum} 的数字。`,
  'recipe-choice': ({ key, value, choices }) => `${key} 是 ${value}，这里只能是 ${choices}。`,
  'recipe-value': ({ key, value }) => `${key} 在这里不能是 ${value}。`,
  'recipe-twice': ({ key }) => `${key} 所说的前面一行已经说过；此行不用。`,
};
