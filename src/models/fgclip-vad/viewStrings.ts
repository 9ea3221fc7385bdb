// What the view of the anomaly detector says, in both languages; loaded with the view.
import type { LocaleTag } from '../../ui/strings/taskStrings';
import type { ScoreKind } from './dataSettings';

/** Numbers arrive as text, already in the reader's form. */
interface ViewWords {
  readonly label: string;
  readonly videos: string;
  readonly wrongFirst: string;
  readonly normal: string;
  readonly auc: (value: string) => string;
  readonly highest: (value: string) => string;
  readonly score: Readonly<Record<ScoreKind, string>>;
  readonly shows: string;
  readonly curve: string;
  readonly truth: string;
  readonly unknownTruth: string;
  readonly threshold: string;
  readonly at: (seconds: string, score: string) => string;
  readonly heat: string;
  readonly opacity: string;
  readonly range: (least: string, most: string) => string;
  readonly flat: string;
  readonly classMap: string;
  readonly similarity: string;
  readonly reveal: string;
  readonly conceal: string;
  readonly blurred: string;
  readonly unplayable: string;
  readonly untrained: string;
  readonly showTruth: string;
}

const en: ViewWords = {
  label: 'Anomalies along the videos',
  videos: 'Videos',
  wrongFirst: 'furthest from the truth first',
  normal: 'normal',
  auc: (value) => `AUC ${value}`,
  highest: (value) => `highest ${value}`,
  score: {
    mil: 'head, normal or not',
    align: 'head, classes',
    text: 'texts',
    mean: 'head and texts',
    milPlace: 'head and hottest place',
    place: 'hottest place',
  },
  shows: 'Score',
  curve: 'How abnormal',
  truth: 'labelled',
  unknownTruth: 'The labels do not say when something happens in this video.',
  threshold: 'Incidents from',
  at: (seconds, score) => `${seconds} s, score ${score}`,
  heat: 'Heat map',
  opacity: 'Opacity',
  range: (least, most) => `this frame: ${least} to ${most}`,
  flat: 'nearly flat: it says little about where',
  classMap: 'Classes over time',
  similarity: 'Similarity to your texts (cosine)',
  reveal: 'Show pictures',
  conceal: 'Blur pictures',
  blurred: 'Pictures are blurred: the footage may be violent.',
  unplayable: 'This browser cannot play the file; curve and list are complete.',
  untrained: 'Before training: these scores mean nothing yet.',
  showTruth: 'Labels',
};

const zhCN: ViewWords = {
  label: '视频中的异常',
  videos: '视频',
  wrongFirst: '与真值相差最大的在前',
  normal: '正常',
  auc: (value) => `AUC ${value}`,
  highest: (value) => `最高 ${value}`,
  score: {
    mil: '弱监督头（是否正常）',
    align: '弱监督头（类别）',
    text: '文本',
    mean: '弱监督头与文本',
    milPlace: '弱监督头与最热位置',
    place: '最热位置',
  },
  shows: '分数',
  curve: '异常程度',
  truth: '标注',
  unknownTruth: '标注没有说明这个视频何时发生异常。',
  threshold: '事件阈值',
  at: (seconds, score) => `${seconds} 秒，分数 ${score}`,
  heat: '热力图',
  opacity: '不透明度',
  range: (least, most) => `本帧：${least} 至 ${most}`,
  flat: '几乎平坦：说明不了位置',
  classMap: '各时刻的类别',
  similarity: '与自己文本的相似度（余弦）',
  reveal: '显示画面',
  conceal: '模糊画面',
  blurred: '画面已模糊：内容可能含有暴力。',
  unplayable: '浏览器无法播放此文件；曲线和列表是完整的。',
  untrained: '训练之前：这些分数还没有意义。',
  showTruth: '标注',
};

export const viewStrings: Readonly<Record<LocaleTag, ViewWords>> = { en, 'zh-CN': zhCN };

/** What is said of a video that was judged without labels. */
interface FindingsWords {
  readonly nothing: string;
  readonly verdict: (incidents: number, highest: string, threshold: string) => string;
  readonly highest: string;
  readonly range: string;
  readonly samples: string;
  readonly incidents: string;
}

export const findingsStrings: Readonly<Record<LocaleTag, FindingsWords>> = {
  en: {
    nothing: 'Nothing is judged yet.',
    verdict: (incidents, highest, threshold) =>
      incidents === 0
        ? `No incident: the highest score ${highest} stays below the threshold ${threshold}.`
        : `${incidents} ${incidents === 1 ? 'incident' : 'incidents'}: the highest score is ${highest}, the threshold ${threshold}.`,
    highest: 'Highest score',
    range: 'Range of scores',
    samples: 'Scored frames',
    incidents: 'Incidents',
  },
  'zh-CN': {
    nothing: '还没有评判。',
    verdict: (incidents, highest, threshold) =>
      incidents === 0
        ? `没有事件：最高分 ${highest} 低于阈值 ${threshold}。`
        : `${incidents} 个事件：最高分 ${highest}，阈值 ${threshold}。`,
    highest: '最高分',
    range: '分数范围',
    samples: '评分帧数',
    incidents: '事件',
  },
};
