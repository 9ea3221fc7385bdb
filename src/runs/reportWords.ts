// The words of a report in both languages.

/** How many tensors of a checkpoint were loaded, and how many were not. */
export interface WeightCounts {
  readonly matched: number;
  readonly reshaped: number;
  readonly initial: number;
  readonly wrongShape: number;
  readonly unused: number;
}

export interface ReportWords {
  readonly config: string;
  readonly setting: string;
  readonly value: string;
  readonly standard: string;
  readonly changed: string;
  readonly epochs: string;
  readonly epoch: string;
  readonly trainLoss: string;
  readonly change: string;
  readonly seconds: string;
  readonly before: string;
  readonly after: string;
  readonly best: string;
  readonly bestEpoch: (epoch: number, metric: string, value: string) => string;
  readonly bestAgainstLast: (best: string, last: string) => string;
  readonly noBest: string;
  readonly changes: string;
  readonly afterStep: string;
  readonly from: string;
  readonly to: string;
  readonly result: string;
  readonly baseline: string;
  readonly metric: string;
  readonly speed: string;
  readonly steps: string;
  readonly skippedSteps: string;
  readonly stepTime: string;
  readonly trainingTime: string;
  readonly compileTime: string;
  readonly dispatches: string;
  readonly memory: string;
  readonly plannedPeak: string;
  readonly livePeak: string;
  readonly parameters: string;
  readonly trainable: string;
  readonly kept: string;
  readonly adapter: string;
  readonly name: string;
  readonly software: string;
  readonly rate: string;
  readonly data: string;
  readonly demoData: string;
  readonly weights: string;
  /** Numbers of the model's tensors, but for `unused`, which are the file's. */
  readonly weightCounts: (path: string, counts: WeightCounts) => string;
  readonly task: string;
  readonly preset: string;
  readonly date: string;
  readonly reason: string;
  readonly reasons: Readonly<Record<'all-epochs' | 'stopped' | 'early-stop' | 'time-limit' | 'unfinished', string>>;
}

const en: ReportWords = {
  config: 'Settings',
  setting: 'Setting',
  value: 'Value',
  standard: 'Default',
  changed: 'Changed',
  epochs: 'Epochs',
  epoch: 'Epoch',
  trainLoss: 'Training loss',
  change: 'Change',
  seconds: 'Time (s)',
  before: 'before',
  after: 'after',
  best: 'Best',
  bestEpoch: (epoch, metric, value) => `Best epoch: **${epoch}**, ${metric} ${value}.`,
  bestAgainstLast: (best, last) => `Best ${best}, last ${last}.`,
  noBest: 'No epoch has been validated.',
  changes: 'Changed on the way',
  afterStep: 'After step',
  from: 'From',
  to: 'To',
  result: 'Result',
  baseline: 'Baselines',
  metric: 'Metric',
  speed: 'Speed',
  steps: 'Steps',
  skippedSteps: 'Steps left out by loss scaling',
  stepTime: 'Time per step, median (ms)',
  trainingTime: 'Training time (s)',
  compileTime: 'Compile time (ms)',
  dispatches: 'Dispatches per step',
  memory: 'Memory',
  plannedPeak: 'Planned peak of GPU memory',
  livePeak: 'Measured peak of GPU memory',
  parameters: 'Parameters',
  trainable: 'Trainable parameters',
  kept: 'Checkpoints on disk',
  adapter: 'Adapter',
  name: 'Name',
  software: 'software (a CPU plays the GPU)',
  rate: 'Measured rate (GFLOP/s, f32)',
  data: 'Data',
  demoData: 'demo (made in the page)',
  weights: 'Starts from',
  weightCounts: (path, { matched, reshaped, initial, wrongShape, unused }) =>
    `${path}: ${matched} weights matched, ${reshaped} resized, ${initial} not in the file, ${wrongShape} of another shape, ${unused} of the file unused`,
  task: 'Task',
  preset: 'Preset',
  date: 'Started',
  reason: 'Ended',
  reasons: {
    'all-epochs': 'after all epochs',
    stopped: 'stopped by hand',
    'early-stop': 'early stop',
    'time-limit': 'time limit',
    unfinished: 'not ended yet',
  },
};

const zhCN: ReportWords = {
  config: '配置',
  setting: '参数',
  value: '值',
  standard: '默认值',
  changed: '已修改',
  epochs: '训练过程',
  epoch: '轮次',
  trainLoss: '训练损失',
  change: '变化',
  seconds: '用时（秒）',
  before: '训练前',
  after: '训练后',
  best: '最佳',
  bestEpoch: (epoch, metric, value) => `最佳轮次：**${epoch}**，${metric} ${value}。`,
  bestAgainstLast: (best, last) => `最佳 ${best}，最后 ${last}。`,
  noBest: '尚无轮次经过验证。',
  changes: '途中的更改',
  afterStep: '步之后',
  from: '原值',
  to: '新值',
  result: '结果',
  baseline: '基线',
  metric: '指标',
  speed: '速度',
  steps: '步数',
  skippedSteps: '损失缩放跳过的步数',
  stepTime: '每步用时中位数（毫秒）',
  trainingTime: '训练用时（秒）',
  compileTime: '编译用时（毫秒）',
  dispatches: '每步调度次数',
  memory: '显存',
  plannedPeak: '计划显存峰值',
  livePeak: '实测显存峰值',
  parameters: '参数量',
  trainable: '可训练参数量',
  kept: '检查点占用空间',
  adapter: '显卡',
  name: '名称',
  software: '软件模拟（由 CPU 充当 GPU）',
  rate: '实测算力（GFLOP/s，f32）',
  data: '数据',
  demoData: '演示数据（在页面内生成）',
  weights: '起始权重',
  weightCounts: (path, { matched, reshaped, initial, wrongShape, unused }) =>
    `${path}：${matched} 个权重匹配，${reshaped} 个调整大小，${initial} 个文件中没有，${wrongShape} 个形状不同，文件中 ${unused} 个未使用`,
  task: '任务',
  preset: '预设',
  date: '开始时间',
  reason: '结束原因',
  reasons: {
    'all-epochs': '完成全部轮次',
    stopped: '手动停止',
    'early-stop': '早停',
    'time-limit': '到达时间上限',
    unfinished: '尚未结束',
  },
};

export const reportWords: Readonly<Record<'en' | 'zh-CN', ReportWords>> = { en, 'zh-CN': zhCN };
