// What the page says about the task, in both languages.
import type { TaskStrings, TaskStringsByLocale } from '../../ui/strings/taskStrings';

const en: TaskStrings = {
  title: 'A curve through points',
  summary: 'Learns a curve from noisy points.',
  demo: 'The page makes the points.',
  files: 'There is only the demo.',
  settings: {
    noise: { label: 'Noise', meaning: 'Width of the noise on the points.' },
    width: { label: 'Width', meaning: 'Neurons in the hidden layer.' },
  },
  choices: {},
  presets: { demo: { label: 'Demo', meaning: 'A few seconds.' } },
  metrics: { error: { label: 'Error', meaning: 'Mean distance from the true curve.' } },
  names: { zero: 'always zero' },
  errors: {},
};

const zhCN: TaskStrings = {
  ...en,
  title: '穿过点的曲线',
  summary: '从带噪声的点学一条曲线。',
  demo: '页面自己生成这些点。',
  files: '只有演示数据。',
  settings: {
    noise: { label: '噪声', meaning: '点上噪声的幅度。' },
    width: { label: '宽度', meaning: '隐层的神经元数。' },
  },
  presets: { demo: { label: '演示', meaning: '几秒钟。' } },
  metrics: { error: { label: '误差', meaning: '与真实曲线的平均距离。' } },
  names: { zero: '恒为零' },
};

export const strings: TaskStringsByLocale = { en, 'zh-CN': zhCN };
