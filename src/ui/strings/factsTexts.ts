// Words for the facts of a compiled step and its kernels; loaded with a run.
import { count } from '../format/quantities';
import type { LocaleTag } from './taskStrings';

const number = (value: number) => count('en', value);
const plural = (value: number, one: string, many: string) => `${number(value)} ${value === 1 ? one : many}`;
const shu = (value: number) => count('zh-CN', value);

const en = {
  kernelTable: {
    title: (milliseconds: string) => `Kernels of a step, ${milliseconds} ms`,
    kernel: 'Kernel',
    rates: (dispatches: number, gigaflops: string, gigabytes: string) =>
      `${plural(dispatches, 'dispatch', 'dispatches')}, ${gigaflops} GFLOP/s, ${gigabytes} GB/s`,
  },
  facts: {
    parameters: 'Parameters',
    trainable: 'Trainable',
    steps: 'Steps',
    perEpoch: (steps: number, each: number) => `${number(steps)} · ${number(each)} per epoch`,
    dispatches: 'Dispatches per step',
    judges: 'Weights shown',
    averaged: 'moving average',
    memory: 'Planned GPU memory',
    held: 'Held at most',
    precision: 'Precision',
    mixed: 'mixed: activations in f16',
    noHalves: 'f32: this adapter has no f16',
    compile: 'Compile time',
    work: 'Work per step',
    checkpoint: 'Last checkpoint',
    atStep: (step: number, size: string) => `step ${number(step)}, ${size}`,
    seconds: 'Training time',
  },
};

type FactsTexts = typeof en;

const zhCN: FactsTexts = {
  kernelTable: {
    title: (milliseconds) => `一步的内核，${milliseconds} ms`,
    kernel: '内核',
    rates: (dispatches, gigaflops, gigabytes) => `${shu(dispatches)} 次调度，${gigaflops} GFLOP/s，${gigabytes} GB/s`,
  },
  facts: {
    parameters: '参数',
    trainable: '可训练',
    steps: '步数',
    perEpoch: (steps, each) => `${shu(steps)} · 每轮 ${shu(each)}`,
    dispatches: '每步派发',
    judges: '所示权重',
    averaged: '滑动平均',
    memory: '计划显存',
    held: '最多占用',
    precision: '精度',
    mixed: '混合精度：激活值为 f16',
    noHalves: 'f32：此显卡不支持 f16',
    compile: '编译时间',
    work: '每步计算量',
    checkpoint: '最近检查点',
    atStep: (step, size) => `步 ${shu(step)}，${size}`,
    seconds: '训练时间',
  },
};

export const factsTexts: Readonly<Record<LocaleTag, FactsTexts>> = { en, 'zh-CN': zhCN };
