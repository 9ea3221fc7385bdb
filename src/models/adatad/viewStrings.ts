// What the view of the action detector says, in both languages; loaded with the view.
import type { LocaleTag } from '../../ui/strings/taskStrings';

/** Numbers arrive as text, already in the reader's form. */
const en = {
  label: 'Actions along the videos: labelled and found',
  nothing: 'No validation pass has ended yet.',
  noVideos: 'This pass judged no videos.',
  video: 'Video',
  previous: 'Previous video',
  next: 'Next video',
  parts: { training: 'training', validation: 'validation' },
  option: (name: string, part: string, missed: string, wrong: string) =>
    `${name} · ${part} · ${missed} missed, ${wrong} false`,
  truth: 'Labels',
  picture: (name: string) => `Video ${name}`,
  unplayable: 'The browser cannot play this video; its segments are shown all the same.',
  threshold: 'Threshold',
  thresholdNote: 'Detections from this score on are shown.',
  bestNote: (f1: string, precision: string, recall: string) =>
    `The suggested one has the best F1 of validation: ${f1} (precision ${precision}, recall ${recall}).`,
  sigma: 'Suppression (soft-NMS σ)',
  sigmaNote: 'The smaller, the more a detection loses that overlaps a better one; 0 suppresses nothing.',
  overlap: 'Overlap of a hit (tIoU)',
  back: (value: string) => `Back to ${value}`,
  summary: (hit: string, late: string, wrong: string, missed: string) =>
    `${hit} hit, ${late} late, ${wrong} false, ${missed} missed`,
  unlabelled: (shown: string) => `${shown} found; nothing is labelled here`,
  legend: {
    hit: 'overlaps a label enough',
    late: 'overlaps one, not enough',
    false: 'nothing of its class there',
    missed: 'a label that nothing hits',
  },
  table: 'Average precision by class and overlap',
  tableNote: 'validation videos',
  recounted: 'counted again from the detections that crossed to the page',
  corrected: 'against the labels as corrected',
  class: 'Class',
  counts: { labelled: 'Labelled', hit: 'Hit', late: 'Late', false: 'False', missed: 'Missed' },
  countsAt: (threshold: string, overlap: string) => `counts at threshold ${threshold}, overlap ${overlap}; AP in %`,
  ap: (overlap: string) => `@${overlap}`,
  mean: 'Mean',
  all: 'All classes (mAP)',
  before: 'mAP before training',
};

export type AdatadText = typeof en;

const zhCN: AdatadText = {
  label: '视频中的动作：标注与检出',
  nothing: '尚未完成任何验证。',
  noVideos: '本次验证没有视频。',
  video: '视频',
  previous: '上一个视频',
  next: '下一个视频',
  parts: { training: '训练', validation: '验证' },
  option: (name, part, missed, wrong) => `${name} · ${part} · 漏检 ${missed}，误检 ${wrong}`,
  truth: '标注',
  picture: (name) => `视频 ${name}`,
  unplayable: '浏览器无法播放此视频，仍显示其片段。',
  threshold: '阈值',
  thresholdNote: '显示分数达到此值的检出结果。',
  bestNote: (f1, precision, recall) => `建议值使验证集 F1 最高：${f1}（精确率 ${precision}，召回率 ${recall}）。`,
  sigma: '抑制强度（soft-NMS σ）',
  sigmaNote: '越小，与更好结果重叠的检出失分越多；0 表示不抑制。',
  overlap: '命中所需重叠（tIoU）',
  back: (value) => `恢复为 ${value}`,
  summary: (hit, late, wrong, missed) => `命中 ${hit}，偏移 ${late}，误检 ${wrong}，漏检 ${missed}`,
  unlabelled: (shown) => `检出 ${shown} 个；此视频没有标注`,
  legend: {
    hit: '与标注充分重叠',
    late: '与标注重叠不足',
    false: '该处没有此类动作',
    missed: '未被命中的标注',
  },
  table: '各类别与重叠阈值的平均精度',
  tableNote: '验证视频',
  recounted: '根据传到页面的检出结果重新统计',
  corrected: '按修正后的标注统计',
  class: '类别',
  counts: { labelled: '标注', hit: '命中', late: '偏移', false: '误检', missed: '漏检' },
  countsAt: (threshold, overlap) => `计数所用阈值 ${threshold}、重叠 ${overlap}；AP 单位为 %`,
  ap: (overlap) => `@${overlap}`,
  mean: '平均',
  all: '全部类别（mAP）',
  before: '训练前 mAP',
};

export const viewStrings: Readonly<Record<LocaleTag, AdatadText>> = { en, 'zh-CN': zhCN };
