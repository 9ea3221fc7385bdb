// Sentences for what can be wrong in Try in Simplified Chinese, by code.
import type { ErrorDetail } from '../../errors';
import { where } from './whereZhCN';

export const tryErrorsZhCN: Readonly<Record<string, (detail: ErrorDetail) => string>> = {
  'judging-under-way': () => '正在判定文件。请先取消，再开始别的。',
  'no-judge': (detail) => `此版本不能试用 ${detail['task']} 的权重。`,
  'no-decoder': () => '视频只能在浏览器里解码。',
  'weights-card': (detail) => `文件对自己的说明是此版本不认识的形式；请重新导出这次训练${where(detail)}`,
  'weights-task': (detail) => `这些权重属于 ${detail['task']}，此版本不能试用${where(detail)}`,
  'finder-missing': () => '查找人脸和人体所需的文件没能加载。它们与本页来自同一地址；请联网一次后再试。',
  'onnx-unreadable': (detail) =>
    `这个模型不能在这里运行：${detail['reason']}。请重新导出为普通的 ONNX 模型（opset 17）${where(detail)}`,
  'result-unknown': (detail) => `这不是此版本能打开的结果；结果文件以 .result.json 结尾${where(detail)}`,
  'key-points-number': (detail) =>
    `有一个关键点不是数字（${detail['since']}）：请去掉这样的帧，或把它的置信度设为 0${where(detail)}`,
  'key-points-unknown': (detail) => `读不出关键点：每帧需要 17 个关节的 x、y 与置信度${where(detail)}`,
  'key-points-damaged': (detail) =>
    `关键点缺失或不是数字（${detail['where']}）：每人需要 COCO 的 17 个点或 OpenPose 的 18 或 25 个点，各有 x、y 与置信度${where(detail)}`,
  'key-points-size': (detail) => `文件没有说明画面的大小。请同时加入同名视频${where(detail)}`,
  'key-points-other-video': (detail) =>
    `关键点直到第 ${detail['frame']} 帧，而视频只有 ${detail['frames']} 帧：它们属于另一个视频${where(detail)}`,
};
