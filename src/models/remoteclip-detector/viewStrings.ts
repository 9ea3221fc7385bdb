// What the view of found boxes says, in both languages; loaded with the view. Numbers arrive as text.
import type { LocaleTag } from '../../ui/strings/taskStrings';

const en = {
  label: 'Found boxes beside true ones',
  picture: 'Picture',
  truth: 'Truth (dashed)',
  score: 'Score from',
  suppression: 'Suppression above',
  suppressionNote: 'Of two boxes of a class that overlap more than this, the better one stays.',
  classes: 'Class',
  all: 'all',
  zoom: 'Zoom',
  pan: 'Drag, or use the arrow keys, to move the picture',
  stage: (found: string, truth: string) => `${found} boxes found, ${truth} true ones`,
  crops: 'Found boxes, best first',
  cropsNone: 'No box has this score.',
  crop: (name: string, score: string) => `${name}, score ${score}: show`,
  similarity: 'The picture as a whole beside each class',
  zeroShot: 'before training: zero-shot, where CLIP’s weights were loaded',
  fineTuned: 'now',
  sceneTop1: (now: string, before: string) =>
    `The likeliest class of a whole picture is among its labels: ${now} of the pictures, before training ${before}.`,
  curve: 'Precision by recall at an overlap of 0.5',
  recall: 'Recall',
  confusion: 'What was taken for what',
  confusionNote: 'rows are true, columns found; boxes from a score of 0.5',
  nothing: 'nothing',
  sources: {
    learned: 'Class features were learned with the rest: only the classes of the data are known.',
    texts: 'Class features are what CLIP’s text tower says of the names, with the vocabulary that was given.',
    given: 'Class features came from the .safetensors file that was given.',
  },
};

export type ViewWords = typeof en;

const zhCN: ViewWords = {
  label: '检测框与真值框',
  picture: '图片',
  truth: '真值（虚线）',
  score: '最低得分',
  suppression: '抑制阈值',
  suppressionNote: '同类两框重叠超过此值时只留较好的。',
  classes: '类别',
  all: '全部',
  zoom: '缩放',
  pan: '拖动或用方向键移动图片',
  stage: (found, truth) => `检测到 ${found} 个框，真值 ${truth} 个`,
  crops: '检测框，按得分排列',
  cropsNone: '没有框达到此得分。',
  crop: (name, score) => `${name}，得分 ${score}：显示`,
  similarity: '整图与各类别的相似度',
  zeroShot: '训练前：若已加载 CLIP 权重，即零样本',
  fineTuned: '现在',
  sceneTop1: (now, before) => `整图最可能的类别在其标注之中：现在 ${now}，训练前 ${before}。`,
  curve: '重叠 0.5 时的精确率—召回率',
  recall: '召回率',
  confusion: '混淆矩阵',
  confusionNote: '行为真值，列为检测；框得分不低于 0.5',
  nothing: '无',
  sources: {
    learned: '类别特征是随训练学习的：只认识数据中的类别。',
    texts: '类别特征由 CLIP 文本塔按给定词表从类名得到。',
    given: '类别特征来自给定的 .safetensors 文件。',
  },
};

export const viewStrings: Readonly<Record<LocaleTag, ViewWords>> = { en, 'zh-CN': zhCN };
