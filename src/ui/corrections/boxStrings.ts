// Texts of boxes in pictures and of correcting them, in both languages; loaded with the views that show them.
import type { LocaleTag } from '../strings/taskStrings';
import type { MarkText } from './markText';

/** Numbers arrive as text, already in the reader's form. */
export interface BoxText extends MarkText {
  readonly selected: string;
  readonly nothingSelected: string;
  readonly label: string;
  readonly sides: readonly [left: string, top: string, right: string, bottom: string];
  readonly accept: string;
  readonly acceptNote: string;
  readonly dismiss: string;
  readonly remove: string;
  readonly add: string;
  readonly adding: string;
  readonly saveCoco: string;
  readonly saveVoc: string;
}

const en: BoxText = {
  truth: 'Labelled',
  found: 'Found',
  tones: { hit: 'hit', late: 'loose', false: 'false', missed: 'missed', open: '' },
  list: 'Boxes',
  listNote: 'left, top · width × height in pixels',
  none: 'Nothing is labelled or found here at this score.',
  selected: 'Selected box',
  nothingSelected: 'Choose a box to correct it: drag it or its corners, or type.',
  label: 'Class',
  sides: ['Left', 'Top', 'Right', 'Bottom'],
  accept: 'Accept',
  acceptNote: 'Becomes a label; takes the place of the one of its class that it overlaps',
  dismiss: 'Not there',
  remove: 'Delete',
  add: 'Add a box',
  adding: 'Draw the box: press at one corner and let go at the other.',
  acceptAll: (count) => `Accept all ${count} shown`,
  undo: 'Undo',
  redo: 'Redo',
  reset: 'Back to the labels',
  title: 'Corrections',
  note: 'Labels become what you say; what was found is measured against them at once.',
  state: (pictures, one) => `${pictures} ${one ? 'picture' : 'pictures'} corrected`,
  untouched: 'nothing corrected yet',
  notKept: 'The browser keeps nothing: save the labels before you leave.',
  use: 'In the next run this picture is for',
  uses: { training: 'training', validation: 'validation' },
  saveCoco: 'Save labels (COCO JSON)',
  saveVoc: 'Save labels (Pascal VOC, .zip)',
  useNext: 'Train the next run on them',
  added: 'The corrected labels are beside the data of the next run.',
};

const zhCN: BoxText = {
  truth: '标注',
  found: '检出',
  tones: { hit: '命中', late: '不准', false: '误检', missed: '漏检', open: '' },
  list: '框',
  listNote: '左、上 · 宽 × 高（像素）',
  none: '在此得分下没有标注或检出的框。',
  selected: '所选的框',
  nothingSelected: '选择一个框以修正：拖动它或它的角，或直接输入。',
  label: '类别',
  sides: ['左', '上', '右', '下'],
  accept: '接受',
  acceptNote: '成为标注，并替换与之重叠的同类标注',
  dismiss: '不存在',
  remove: '删除',
  add: '添加框',
  adding: '画框：在一角按下，在对角松开。',
  acceptAll: (count) => `接受显示的全部 ${count} 个`,
  undo: '撤销',
  redo: '重做',
  reset: '恢复原标注',
  title: '修正',
  note: '标注以您的修正为准，检出结果立即按其重新比对。',
  state: (pictures) => `已修正 ${pictures} 张图片`,
  untouched: '尚未修正',
  notKept: '浏览器无法保存：离开前请先导出标注。',
  use: '下一次训练中此图片用于',
  uses: { training: '训练', validation: '验证' },
  saveCoco: '保存标注（COCO JSON）',
  saveVoc: '保存标注（Pascal VOC，.zip）',
  useNext: '用于下一次训练',
  added: '修正后的标注已加入下一次训练的数据。',
};

const texts: Readonly<Record<LocaleTag, BoxText>> = { en, 'zh-CN': zhCN };

export function boxText(locale: LocaleTag): BoxText {
  return texts[locale];
}
