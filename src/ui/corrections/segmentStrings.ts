// Texts of segments and of correcting them, in both languages; loaded with the views that show them.
import type { LocaleTag } from '../strings/taskStrings';

/** Numbers arrive as text, already in the reader's form. */
const en = {
  truth: 'Labelled',
  found: 'Found',
  tones: { hit: 'hit', late: 'late', false: 'false', missed: 'missed', open: '' },
  rowsNote: 'labelled above, found below',
  span: (start: string, end: string) => `${start}–${end} s`,
  seconds: (value: string) => `${value} s`,
  list: 'Segments',
  listNote: 'in the order of time',
  none: 'Nothing is labelled or found here at this threshold.',
  selected: 'Selected segment',
  nothingSelected: 'Choose a segment to play or correct it.',
  label: 'Class',
  start: 'Start, seconds',
  end: 'End, seconds',
  play: 'Play this segment',
  accept: 'Accept',
  acceptNote: 'Becomes a label; takes the place of the one that it overlaps',
  dismiss: 'Not there',
  remove: 'Delete',
  add: 'Add a segment here',
  acceptAll: (count: string) => `Accept all ${count} shown`,
  undo: 'Undo',
  redo: 'Redo',
  reset: 'Back to the labels',
  title: 'Corrections',
  note: 'Drag a segment or its ends, or type. Labels become what you say; what was found is measured against them at once.',
  state: (videos: string, one: boolean) => `${videos} ${one ? 'video' : 'videos'} corrected`,
  untouched: 'nothing corrected yet',
  notKept: 'The browser keeps nothing: save the labels before you leave.',
  use: 'In the next run this video is for',
  uses: { training: 'training', validation: 'validation' },
  save: 'Save labels (ActivityNet JSON)',
  useNext: 'Train the next run on them',
  added: 'The corrected labels are beside the data of the next run.',
};

export type SegmentText = typeof en;

const zhCN: SegmentText = {
  truth: '标注',
  found: '检出',
  tones: { hit: '命中', late: '偏移', false: '误检', missed: '漏检', open: '' },
  rowsNote: '上方为标注，下方为检出',
  span: (start, end) => `${start}–${end} 秒`,
  seconds: (value) => `${value} 秒`,
  list: '片段',
  listNote: '按时间排列',
  none: '在此阈值下没有标注或检出的片段。',
  selected: '所选片段',
  nothingSelected: '选择一个片段以播放或修正。',
  label: '类别',
  start: '起点（秒）',
  end: '终点（秒）',
  play: '播放此片段',
  accept: '接受',
  acceptNote: '成为标注，并替换与之重叠的标注',
  dismiss: '不存在',
  remove: '删除',
  add: '在此处添加片段',
  acceptAll: (count) => `接受显示的全部 ${count} 个`,
  undo: '撤销',
  redo: '重做',
  reset: '恢复原标注',
  title: '修正',
  note: '拖动片段或其两端，或直接输入。标注以您的修正为准，检出结果立即按其重新统计。',
  state: (videos) => `已修正 ${videos} 个视频`,
  untouched: '尚未修正',
  notKept: '浏览器无法保存：离开前请先导出标注。',
  use: '下一次训练中此视频用于',
  uses: { training: '训练', validation: '验证' },
  save: '保存标注（ActivityNet JSON）',
  useNext: '用于下一次训练',
  added: '修正后的标注已加入下一次训练的数据。',
};

const texts: Readonly<Record<LocaleTag, SegmentText>> = { en, 'zh-CN': zhCN };

export function segmentText(locale: LocaleTag): SegmentText {
  return texts[locale];
}
