// What the page says in a browser without WebGPU; loaded where there is none.
import type { LocaleTag } from './taskStrings';

const en = {
  title: 'This browser does not offer WebGPU',
  lead: 'Training runs on your GPU through WebGPU. Nothing is broken: the page only needs a browser that has it.',
  refusedTitle: 'The browser has WebGPU, but gave the page no GPU',
  brokenTitle: 'Our mistake: the part that trains did not start',
  brokenDetail: 'What went wrong',
  tryTitle: 'What may help',
  works: 'Works in',
  browsers: [
    {
      name: 'Chrome or Edge 121 and newer',
      note: 'Windows, macOS, ChromeOS, Android 12+; on Linux from 144, or with the switch below',
    },
    { name: 'Safari 26 and newer', note: 'macOS, iOS, iPadOS, visionOS' },
    { name: 'Firefox 141 and newer', note: 'Windows; from 145 also macOS on Apple silicon' },
  ],
  howTitle: 'If your browser is on the list',
  how: [
    'Open the page over https or from localhost: WebGPU is hidden elsewhere.',
    'Update the graphics driver and restart the browser.',
    'In Chrome on Linux, switch on chrome://flags/#enable-unsafe-webgpu and chrome://flags/#enable-vulkan.',
    'See what the browser says about itself at chrome://gpu or about:support.',
  ],
  stillWorks: 'Still works here: kept runs and their reports, and the check of your data.',
  detail: 'What the browser said',
};

type NoGpuTexts = typeof en;

const zhCN: NoGpuTexts = {
  title: '这个浏览器没有 WebGPU',
  lead: '训练通过 WebGPU 在您的 GPU 上进行。没有东西坏掉：只是需要一个支持它的浏览器。',
  refusedTitle: '浏览器有 WebGPU，但没有给页面 GPU',
  brokenTitle: '这是我们的错误：负责训练的部分没有启动',
  brokenDetail: '出了什么问题',
  tryTitle: '可以试试',
  works: '可用的浏览器',
  browsers: [
    {
      name: 'Chrome 或 Edge 121 及以上',
      note: 'Windows、macOS、ChromeOS、Android 12+；Linux 从 144 起，或打开下面的开关',
    },
    { name: 'Safari 26 及以上', note: 'macOS、iOS、iPadOS、visionOS' },
    { name: 'Firefox 141 及以上', note: 'Windows；从 145 起也支持 Apple 芯片的 macOS' },
  ],
  howTitle: '如果您的浏览器在列表中',
  how: [
    '通过 https 或 localhost 打开页面：其他方式下 WebGPU 不可见。',
    '更新显卡驱动并重启浏览器。',
    '在 Linux 的 Chrome 中打开 chrome://flags/#enable-unsafe-webgpu 和 chrome://flags/#enable-vulkan。',
    '在 chrome://gpu 或 about:support 查看浏览器自己的说明。',
  ],
  stillWorks: '这里仍然可用：保存的记录及其报告，以及数据检查。',
  detail: '浏览器的说明',
};

export const noGpuTexts: Readonly<Record<LocaleTag, NoGpuTexts>> = { en, 'zh-CN': zhCN };
