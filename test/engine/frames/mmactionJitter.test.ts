// mmaction's colour jitter in bytes, against what its formulas give with OpenCV 4.14's conversions.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { drawMmactionJitter, drawOrder, type JitterOp } from '../../../src/engine/frames/colourJitter';
import { FramePass } from '../../../src/engine/frames/framePass';
import { stretched } from '../../../src/engine/frames/placement';
import { seededRandom } from '../../../src/samples/seededRandom';
import { openDevice } from '../../helpers/gpu';
import { byteFrame, bytesOf, encodeBytes } from './byteFrames';

let device: GPUDevice;
let pass: FramePass;
beforeAll(async () => {
  ({ device } = await openDevice());
  pass = new FramePass(device);
});
afterAll(() => {
  pass.dispose();
  device.destroy();
});

/**
 * Steps, and the picture of 64 × 2 pixels with seed 7 after them. In rows as long as these OpenCV cuts off where it
 * turns HSV back into colours; the ends of rows it rounds, which is a level more or less.
 */
const recorded: readonly (readonly [steps: readonly (readonly [JitterOp, number])[], bytes: string])[] = [
  [
    [['brightness', 1.4]],
    'Vf/a/xD/gBIX//++ocTX//+Vqf+ArCD//38//yuioiUo3v8d2f9f035wt/5uOP/gh/+tP1n/0rA9mz8A9/8zwv//hZHk/7Os' +
      '//90/0pi//9KEmn//0q2/5R1fkj/SPL6nF+7eCOJpv///1L10Br//8n/E/+b//9GZP////8J/1X/Vf//58iFQQgCL/8egq//' +
      'Q8W0kb8T8lSeQP//mij/HdI2/4XkpV9582sE/8jW/75mSP//CXS4Fbv/mP8B/1aa/1gv/zF1C8FA8/+bFf+iBbf/Z43L///e' +
      'JQJG/9D/9/84608S/8aD///JAZH///9m/wD/VL3/lOX//6xdXIeK/v+RKv+U7P89//+llXghbp9R9xf///0L2f89/39+Nf+C' +
      'BJSQr/9w/BrIqdZEVJz//2ebQFjz/////zH1/4JH//89rVWRD3Jb/wdp/6mK1v9B4P+6Cyz//y6UYv//BVxm/1xwhQ7b5Kj/' +
      'jEaeCf//qm02//9cr/95rcm3/1JP9/9B',
  ],
  [
    [['contrast', 0.6]],
    'WL+Rwju3azs+ysmFeYiQq6t0fLZrfUGms2pPykZ5eURFk6pAkcJcjmpkgqFjTLmUbs1+T1rBjn9Odk80nqhKh6W7bXKVs4B9' +
      'rMdlu1NexaFTO2GyqFOCp3NmalO5U5ufd1yEZ0Nue6e4qledjT+msoq2PKZ2zL9SX7awy8U4u1jKWMGzl4ltUDc1SKlBa3/M' +
      'UIiBcoY8m1h3T6amdkW/QI5LtW2VelxonGI1rImPqYVfU8atOGWDPYS/dcE0y1l2w1lIxElmOIZPnMF2Pbl5NoKmYHCLuMmT' +
      'RDVSxI2wnqRMmFY7v4lsubKKNHKzv6xfyTTKWIW5c5ajtn1cW25vobVyRqNzma9Ou6l6dGdCY3hWnj60yaA4kbhOrGpqSq9r' +
      'NXNxf7RkoD+JfI9RWHe/uWB2T1mctrapyEmdoWtSo8NOflhyOmVbxzdhqnxvj6xQlKODOEfCpEdzXrWzNltfxVtkbTqSlXzI' +
      'cFJ3OLi4fWJLx7hbf6JofoqCzFdWnsJQ',
  ],
  [
    [['saturation', 1.5]],
    'Bf+T/wD/dwAG//9VaY6jzMxCXu8ylAD6/0sG/wB4kw0Qm9QAh/8FrFFCd8MpAP2fMf9ZHDn/o38EiCUAs80Ad8L5WGW+8XNs' +
      'wv8R/xoz/7UAAEz/7xuP4F49XST/Cb7HezmcZwt5W8nz8B/NuAD25IHwAN5m//AAFe/g//8A/xn/AP/kr45GPQAAAOQASnr/' +
      'EJuJY5QA0Sh3ANTUfgX/AK8J/kmvhjtX1EIA3IWU24IkAP/UAFulAJL/Tv8A/x5m/yYA/wFKAKIYn/xAAP9jAJLrPmao1v97' +
      'IQBD/4TbtcQA0SoA/4M75dVwAHH/+8sL/wD/HI3/VKvM/XAcN2VosOI7ANRepdwA8cJPdVYARXom3QD//7QAjfAA70pJAO1E' +
      'AHl1Zeoh5QCtc6MHInD//zFpITvh2du4/wDN2FESsv8AjzFxAF1E/wBF4m5NkdcAmr9xABf/7AVzE+7pAEpV/yY7dADRqmr/' +
      'cSaFAPv9i0kP/+IAbcY0dZOA/x0apv8A',
  ],
  [
    [['hue', 25]],
    'PaTp7QwiXEkMnvuHenKaesdqXNqnvxd2xNUt+34fdGIaFMUaQ+18l5RPT7ZxKIPfYP7/uC3rVpYsVW8AL8Iloovijl+j1Mt7' +
      'UvVi4rM1jfM1dg3Twl81vcFU3jTSM0SzhkNkYhgxgXfcxjs7vhNX2o+jDn6/aP4xSGrZN/wG+z12PXHsf6VfLywCFsOawlz+' +
      'MEuNDYkarWU7LUW/6R25FZaR2H9edltEgK4CybWOmsNIM4D0JAeESA7oAOtW/ao+7+gh8Z4iCHiKb+yYDpjeIgO+a0mRn/mu' +
      'MgEg8KaUNrsok6gN0Ohdp96PRwDUg+lJ+gApdzzfcWm6u9lDQkVjZ9d2HYW5K842qOJ1O2sXOnJU1hBZcPkHLN1PybZZJbHO' +
      'AhdqT9aStB0TMZk/lzzo3qJKhy2uxdrC90YioLcyLO8/fEc8CidS9oUEv8ZjL8hDhLmUsAjuu1kgRmPYBAhJ8slCnQli+Hfi' +
      'cTJJBirdYXond/VCV7iBfIyQ/t04L+1I',
  ],
  [
    [['hue', -17]],
    'Pek9fAztXAw/+7WHcpqSx5JqwNpcHBe/1S1f+x/zdBpQxYQU7eFDl09utq9PKN86oP9gLavrlkEsbwASwngli+LWX46j1Hun' +
      '9cRS4jWo8041DbjTszXCwVR7NGzeM7NvSkOGLBhid9y9jjvGNRO+qI/aFL8O/nUxSNl9/GgGdj37PexxpWhfLwIXg8MWXNj+' +
      'MI1LiWQNqTutLb9sHT/pTJYVx17YdkRyrgIZyY65w0hQM/RaB4RvDujL6+MA/T7d7yF68SLHKooI7ONvHN4OA76SSYyR+eSf' +
      'AQMy3ZTwu3EoqA026F193qePANTF6W5JbAD6PN/Zabqh2UNhQmNS17lnKLkdzpcr4oR1ayUXbnI6PhDW+TAH3bksyVmYTc4l' +
      'AmosyNZPfhO0mX0xPNHo3krALYeu2s3CxSL3tzJR77QsbTx8ClIZ9gTVxmOEyJ8vubOECKHutSC7RtiABEko8kKxCQmdd5X4' +
      'QDJxBt1jeicv9XdCtLhXgJB8/jio7bov',
  ],
  [
    [
      ['saturation', 1.3],
      ['brightness', 0.7],
      ['hue', 9],
      ['contrast', 1.35],
    ],
    'AMyw5gB8RQAAqtBCRld2e54rHrkpnwC1w2gA9gAAXw4AOqIAJswAekgjLZMUAMS8H+J6LgDqa3QAVyoAUJ0AV3TDQjWJuHJK' +
      'X9AI1ysC1c0AAADNsAIqqGQhdgbYAFuVZxhrSQA9PnS8sgZhsgCkul+qAKV8ptoAB4+5ldcA7gPHAKnNgHwrFAAAAKoWQC3y' +
      'AFhsFGcAlwwjAGmfmwDnAHsiwStUWBoemVsAqWlgpYsOAMfXAAZvABreANAA8xcH5FUA6gAAAG8nTMguAMWHACOsHiZ2itBh' +
      'DAAY02GHU5YAlUAAzY8lpbVUAADLscUA9QChBCbPOGGZwYMIFi9AX7EpAJ53PqoAvb05QkoAD1AKzQC13tQAKrwAslMqALRn' +
      'AC5MFrUPpQA8KXYACAjczR0WHgOhpa6S7gBIn2QARcwAYBAuAC8z9gAAqnIxM6UAYJJQFwD2rAAOA4e4AAor5kAOeACRrEnm' +
      'VQhNAH7DXEQAqtAAKpUeUWlg9kwDNssA',
  ],
  [
    [
      ['contrast', 1.45],
      ['saturation', 0.55],
      ['brightness', 1.25],
      ['hue', -24],
    ],
    'iP9/URb2MAAm////lb2r/8i7//WfCCmv7kag1Cv/VgBE/5dR/72XpF2M6suDZ/9h1P+zI83gsUZKVgAw/5Rm0v/bbKyx/63p' +
      '/8W370Hd/5uCAMOvmEDM4HO0Lo3XWtl3QUqEAgBCuf/HgE3YBw2z29L/XN4t/66Ziv+i/4xvf17/hv+f0ImQAAAAyeAzfP/6' +
      'QZ5Hm1kglUO0XO15EmPdcZwc0oX/aD5xswlH/8n98HWaff+XAHBGHveu/7lB7ln//zO78yz6R4gG/9XLcf89DMVuT5eL////' +
      'AAAA5uD/+Y1mowhV/5i6//HuAM+X/7KeOwn/VfnNmum//26oP2FI/8i7bNg9/5xx/9XLZhMZd20/Dg7T/3RR/6x15HXNnvhQ' +
      'AF0P/+mRUAqsuoVRS/fl7WP3HpSd////mjX/y0aE/56FWTh3BTgA2ADx74vD/7Ju++nGAKLLjx64h/+fACYP/1nuACV9pcD/' +
      'IiJiPP9jdyM//7aj7NiLqbWh/07b/56F',
  ],
];

it.each(recorded)('%j', async (steps, bytes) => {
  const size = { width: 64, height: 2 };
  const jitter = steps.map(([op, factor]) => ({ op, factor, arithmetic: 'mmaction' }) as const);
  const got = await encodeBytes(device, pass, byteFrame(size, 7), size, stretched(size, size), jitter);
  const want = bytesOf(bytes);
  const wrong = want.map((value, i) => Math.abs(value - got[i]!));
  // Bytes that are cut off differ by one where a rounding error decides, by more where contrast follows.
  expect(Math.max(...wrong)).toBeLessThanOrEqual(2);
  expect(wrong.reduce((sum, error) => sum + error, 0)).toBeLessThan(0.12 * wrong.length);
});

it('is drawn within its ranges, in the order of the run', () => {
  const random = seededRandom(3);
  const order = drawOrder(random);
  expect([...order].sort()).toEqual(['brightness', 'contrast', 'hue', 'saturation']);
  const ranges = { brightness: 0.5, contrast: 0.5, saturation: 0.5, hue: 0.1 };
  const hues = new Set<number>();
  for (let i = 0; i < 2000; i++) {
    const drawn = drawMmactionJitter(ranges, order, random);
    expect(drawn.map(({ op }) => op)).toEqual(order);
    for (const { op, factor } of drawn) {
      if (op === 'hue') hues.add(factor);
      else expect(Math.abs(factor - 1)).toBeLessThanOrEqual(0.5);
    }
  }
  expect([...hues].sort((a, b) => a - b)).toEqual(Array.from({ length: 51 }, (_, i) => i - 25));
  expect(drawMmactionJitter({ ...ranges, hue: 0, contrast: 0 }, order, random)).toHaveLength(2);
});
