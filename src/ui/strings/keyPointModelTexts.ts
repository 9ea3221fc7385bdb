// Texts of a person's own 2-D model in both languages; loaded where a task takes one.
import type { PoseModelPlan } from '../../figure/poseModel';
import type { LocaleTag } from './taskStrings';

const en = {
  title: '2-D key points',
  ours: 'Found by MoveNet, which comes with this page.',
  choose: 'Choose your own model (.onnx)',
  is: (name: string) => `Found by ${name} in people that MoveNet shows it.`,
  recognised: (size: string, form: string, values: string) => `It takes ${size} pixels, ${values}, and gives ${form}.`,
  open: 'It is not clear what this model takes and gives.',
  change: 'Say what it takes and gives…',
  remove: 'Use MoveNet again',
  dialog: 'What the model takes and gives',
  input: 'Input that takes the picture',
  width: 'Width in pixels',
  height: 'Height in pixels',
  order: 'Order of its sizes',
  orders: { first: 'colours, height, width', last: 'height, width, colours' },
  valuesLabel: 'Values of colours',
  values: {
    imagenet: 'standardised as ImageNet’s',
    unit: '0 to 1',
    signed: '−1 to 1',
    bytes: '0 to 255',
  } satisfies Record<PoseModelPlan['values'], string>,
  pointsLabel: 'Form of the points',
  points: {
    heatmaps: 'a map for each point',
    simcc: 'two axes for each point (SimCC)',
    coordinates: 'a list of x, y and a score',
    rows: 'a list of y, x and a score',
  } satisfies Record<PoseModelPlan['points'], string>,
  output: 'Output with the points',
  outputX: 'Output with the axis of x',
  outputY: 'Output with the axis of y',
  order17: 'Its first 17 points must be COCO’s.',
  use: 'Use it so',
};

const zhCN: typeof en = {
  title: '二维关键点',
  ours: '由随页面提供的 MoveNet 查找。',
  choose: '选择自己的模型（.onnx）',
  is: (name) => `由 ${name} 在 MoveNet 找到的人身上查找。`,
  recognised: (size, form, values) => `它接收 ${size} 像素（${values}），给出${form}。`,
  open: '看不出这个模型需要和给出什么。',
  change: '说明它需要和给出什么…',
  remove: '改回 MoveNet',
  dialog: '模型需要和给出什么',
  input: '接收图片的输入',
  width: '宽（像素）',
  height: '高（像素）',
  order: '各维的顺序',
  orders: { first: '颜色、高、宽', last: '高、宽、颜色' },
  valuesLabel: '颜色的取值',
  values: { imagenet: '按 ImageNet 标准化', unit: '0 到 1', signed: '−1 到 1', bytes: '0 到 255' },
  pointsLabel: '点的形式',
  points: {
    heatmaps: '每个点一张热图',
    simcc: '每个点两条坐标轴（SimCC）',
    coordinates: '由 x、y 与分数组成的列表',
    rows: '由 y、x 与分数组成的列表',
  },
  output: '给出点的输出',
  outputX: 'x 轴的输出',
  outputY: 'y 轴的输出',
  order17: '它的前 17 个点必须是 COCO 的。',
  use: '按此使用',
};

export const keyPointModelTexts: Readonly<Record<LocaleTag, typeof en>> = { en, 'zh-CN': zhCN };
