// Words for the settings that every task has (models/sharedSettings.ts); a task's own words for the same key count more.
import type { LocaleTag, Named, TaskStrings, TaskStringsByLocale } from './taskStrings';

const named = (label: string, meaning: string): Named => ({ label, meaning });

const settings: Readonly<Record<LocaleTag, TaskStrings['settings']>> = {
  en: {
    epochs: named('Epochs', 'How often as many clips are seen as there are training clips.'),
    batch: named('Batch', 'Clips that are on the GPU at once.'),
    accumulation: named('Accumulation', 'Batches whose gradients are added up for one optimiser step.'),
    learningRate: named('Learning rate', 'Size of a step at its largest.'),
    schedule: named('Schedule', 'How the learning rate falls.'),
    optimizer: named('Optimiser', 'AdamW decays weights apart from the gradient, Adam within it.'),
    weightDecay: named('Weight decay', 'How strongly weights are pulled to zero.'),
    beta2: named('Beta 2', 'Memory of the squared gradient.'),
    clipNorm: named('Clip norm', 'Largest norm of the whole gradient; 0 does not clip.'),
    emaDecay: named(
      'Weight averaging',
      'Decay of a moving average of the weights, which is then what is validated, exported and tried; 0 keeps none.',
    ),
    seed: named('Seed', 'Same seed, same data, same device: same run.'),
    earlyStopPatience: named('Early stop', 'Ends the run after so many validations without improvement; 0 never does.'),
    earlyStopMinDelta: named('Early stop margin', 'A smaller improvement than this does not count.'),
    timeLimitSeconds: named('Time limit', 'Ends the run after this much training; 0 sets no limit.'),
    checkpointEvery: named('Checkpoint every', 'Steps between checkpoints at the latest; 0 leaves it to the clock.'),
    recompute: named('Recompute', 'Computes blocks again in the backward pass: less memory, more work.'),
    memoryBudget: named(
      'Memory budget',
      'Recomputes as few blocks as keep the run within this; 0 leaves it to Recompute.',
    ),
    mixedPrecision: named('Mixed precision', 'Keeps activations as f16 where the GPU can: less memory and traffic.'),
    validateEvery: named('Validate every', 'Epochs between validations; the last is always validated.'),
  },
  'zh-CN': {
    epochs: named('轮次', '把与训练片段同样多的片段看几遍。'),
    batch: named('批大小', '同时在 GPU 上处理的片段数。'),
    accumulation: named('梯度累积', '累加多少个批次的梯度后更新一次。'),
    learningRate: named('学习率', '最大时的步长。'),
    schedule: named('学习率调度', '学习率如何下降。'),
    optimizer: named('优化器', 'AdamW 的权重衰减独立于梯度，Adam 的并入梯度。'),
    weightDecay: named('权重衰减', '把权重拉向零的强度。'),
    beta2: named('Beta 2', '梯度平方的记忆。'),
    clipNorm: named('梯度裁剪', '整个梯度范数的上限；0 表示不裁剪。'),
    emaDecay: named('权重平均', '权重滑动平均的衰减；有它时，验证、导出和试用都用平均后的权重；0 表示不保留。'),
    seed: named('随机种子', '种子、数据、设备相同，训练过程就相同。'),
    earlyStopPatience: named('早停', '连续这么多次验证没有改善就结束；0 表示从不。'),
    earlyStopMinDelta: named('早停阈值', '小于它的改善不算改善。'),
    timeLimitSeconds: named('时间上限', '训练这么久后结束；0 表示不限。'),
    checkpointEvery: named('检查点间隔', '最多隔多少步存一次检查点；0 表示按时间。'),
    recompute: named('重算', '反向时重新计算各块：省显存，多计算。'),
    memoryBudget: named('显存预算', '只重算尽可能少的块以不超过此值；0 表示由“重算”决定。'),
    mixedPrecision: named('混合精度', 'GPU 支持时以 f16 存放激活：省显存和带宽。'),
    validateEvery: named('验证间隔', '两次验证之间的轮次；最后一轮总会验证。'),
  },
};

const choices: Readonly<Record<LocaleTag, TaskStrings['choices']>> = {
  en: { step: 'step', exponential: 'exponential', cosine: 'cosine', constant: 'constant', none: 'none' },
  'zh-CN': { step: '阶梯', exponential: '指数', cosine: '余弦', constant: '恒定', none: '无' },
};

/** A task's words with the shared ones beside them. */
export function withSharedSettings(strings: TaskStringsByLocale): TaskStringsByLocale {
  const joined = (locale: LocaleTag): TaskStrings => ({
    ...strings[locale],
    settings: { ...settings[locale], ...strings[locale].settings },
    choices: { ...choices[locale], ...strings[locale].choices },
  });
  return { en: joined('en'), 'zh-CN': joined('zh-CN') };
}
