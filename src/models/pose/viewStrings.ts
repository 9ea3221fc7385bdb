// Texts of the pose view in both languages; loaded with the view.
import type { LocaleTag } from '../../ui/strings/taskStrings';

const en = {
  label: 'Pose: input, prediction and truth',
  action: 'Action',
  truth: 'Truth as ghost',
  input: '2D input',
  inputNote: 'what the model sees',
  prediction: '3D prediction',
  unit: 'millimetres, root-centred',
  sides: { left: 'left', right: 'right', ghost: 'truth' },
  curve: 'P1 over the clip',
  errorAt: (value: string) => `P1 ${value} mm`,
  clipErrorNote: 'mean over this clip',
  joints: 'Error per joint',
  joint: 'Joint',
  thisFrame: 'This frame',
  clip: 'Clip',
  clipBefore: 'Before',
  mean: 'Mean',
  worst: 'Worst clips',
  worstNote: 'of the whole validation set',
  show: (action: string, error: string) => `Show ${action}, ${error} mm`,
  frames: (first: number, last: number) => `frames ${first}–${last}`,
  scale: 'Error in mm',
  jointNames: [
    'hip (root)', 'right hip', 'right knee', 'right ankle', 'left hip', 'left knee', 'left ankle', 'spine', 'thorax',
    'neck', 'head', 'left shoulder', 'left elbow', 'left wrist', 'right shoulder', 'right elbow', 'right wrist',
  ], // prettier-ignore
};

const zhCN: typeof en = {
  label: '姿态：输入、预测与真值',
  action: '动作',
  truth: '叠加真值',
  input: '二维输入',
  inputNote: '模型看到的内容',
  prediction: '三维预测',
  unit: '单位毫米，以根关节为原点',
  sides: { left: '左', right: '右', ghost: '真值' },
  curve: '片段内的 P1',
  errorAt: (value) => `P1 ${value} 毫米`,
  clipErrorNote: '本片段平均',
  joints: '各关节误差',
  joint: '关节',
  thisFrame: '当前帧',
  clip: '片段',
  clipBefore: '训练前',
  mean: '平均',
  worst: '误差最大的片段',
  worstNote: '整个验证集中',
  show: (action, error) => `查看 ${action}，${error} 毫米`,
  frames: (first, last) => `第 ${first}–${last} 帧`,
  scale: '误差（毫米）',
  jointNames: [
    '骨盆（根）', '右髋', '右膝', '右踝', '左髋', '左膝', '左踝', '脊柱', '胸',
    '颈', '头顶', '左肩', '左肘', '左腕', '右肩', '右肘', '右腕',
  ], // prettier-ignore
};

export type PoseViewText = typeof en;
export const viewStrings: Readonly<Record<LocaleTag, PoseViewText>> = { en, 'zh-CN': zhCN };

/** What Try says of one file. */
interface FindingsWords {
  readonly nobody: string;
  readonly people: (people: number, frames: number) => string;
  readonly persons: string;
  readonly frames: string;
  readonly bridged: string;
  readonly scale: string;
  readonly known: string;
  readonly byHeight: (millimetres: string) => string;
}

export const findingsStrings: Readonly<Record<LocaleTag, FindingsWords>> = {
  en: {
    nobody: 'nobody found',
    people: (people, frames) => `${people === 1 ? 'one person' : `${people} people`}, ${frames} frames lifted`,
    persons: 'People',
    frames: 'Frames lifted',
    bridged: 'Bridged frames',
    scale: 'Scale',
    known: 'from the file',
    byHeight: (millimetres) => `body of ${millimetres} mm`,
  },
  'zh-CN': {
    nobody: '未找到人',
    people: (people, frames) => `${people} 人，已提升 ${frames} 帧`,
    persons: '人数',
    frames: '已提升的帧',
    bridged: '补上的帧',
    scale: '尺度',
    known: '来自文件',
    byHeight: (millimetres) => `身高 ${millimetres} 毫米`,
  },
};
