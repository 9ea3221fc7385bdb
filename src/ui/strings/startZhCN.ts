// Why a run cannot start yet, and what fits a device that the settings did not, in Simplified Chinese.
import { count } from '../format/quantities';
import type { startEn } from './startEn';

const number = (value: number) => count('zh-CN', value);

export const startZhCN: typeof startEn = {
  start: {
    reasons: {
      gpu: '正在等待 GPU。',
      sizing: '正在按这个 GPU 确定演示的大小。',
      files: '正在读取文件。',
      weights: '正在打开所选权重。',
      'no-gpu': '没有可用于训练的 GPU。',
      run: '已有训练在进行。',
      'bad-weights': '所选权重不可用：请移除或另选。',
      data: '请先选择数据。',
      unusable: '所选文件都不能用于训练。',
      setting: '有一项设置需要修改，之后才能开始训练。',
    },
    readingOf: (done, total) => `正在读取文件，已读 ${number(done)} / ${number(total)} 个。`,
    smaller: '较小的设置或许适合这个设备。',
    smallerBatch: (batch, accumulation) => `批大小 ${number(batch)}，梯度累积 ${number(accumulation)}`,
    smallerFrames: (frames) => `帧数减半：${number(frames)}`,
    kept: (effective) => `通过梯度累积，有效批大小仍为 ${number(effective)}。`,
  },
};
