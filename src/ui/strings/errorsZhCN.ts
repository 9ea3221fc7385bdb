// Sentences for errors, notices and data problems in Simplified Chinese, by code; others keep their English message.
import type { ErrorDetail } from '../../errors';
import { where } from './whereZhCN';

const mebibytes = (bytes: unknown) => (Number(bytes) / 2 ** 20).toFixed(0);

export const errorsZhCN: Readonly<Record<string, (detail: ErrorDetail) => string>> = {
  'no-webgpu': () => '这个浏览器没有 WebGPU；请使用当前版本的 Chrome、Edge、Safari 或 Firefox。',
  'no-adapter': () => '浏览器有 WebGPU，但没有提供显卡；请检查是否打开了硬件加速。',
  'out-of-memory': () => '这些设置所需的显存超过 GPU 所有。请把帧数减半，或把批大小设为 1。',
  'tensor-too-large': ({ path, bytes, limit }) =>
    `${path}：有一个张量需要 ${bytes} 字节，而这个设备每次最多绑定 ${limit} 字节；请用更小的批大小或更少的帧。`,
  'memory-budget': ({ needed, budget }) =>
    `即使所有层都重新计算，这些设置也需要 ${mebibytes(needed)} MiB，而预算是 ${mebibytes(budget)} MiB。请减小批大小或帧数，或提高预算。`,
  'part-missing': () => '页面的一部分没能加载：请连接网络后重试。',
  'run-live': () => '这次训练正在另一个标签页进行。请先在那里停止它。',
  'second-tab': () => '另一个标签页正在训练。请先在那里停止，或等它结束。',
  'run-under-way': () => '已有训练在进行。请先停止它。',
  'unknown-task': (detail) => `本版本没有名为 ${detail['task']} 的任务。`,
  'stopped-before-training': () => '训练在第一步之前被停止；什么也没有训练。',
  'no-train-clips': () => '数据中没有可训练的片段。原因见文件列表。',
  'no-validation-clips': () => '数据中没有可验证的片段。请添加文件，或换一种划分。',
  'no-checkpoint': () => '没有保存这次训练的检查点，因此不能继续或导出权重。',
  'checkpoint-broken': (detail) => `第 ${detail['step']} 步的检查点无法读取；改用更早的。`,
  'checkpoint-missing': (detail) => `第 ${detail['step']} 步的检查点已不存在。`,
  'restored-not-finite': (detail) =>
    `第 ${detail['step']} 步的损失不是有限数：回到第 ${detail['backTo']} 步。此后学习率是设置的 ${detail['factor']} 倍。`,
  'loss-not-finite': (detail) =>
    `第 ${detail['step']} 步的损失不是有限数，学习率降到 ${detail['learningRate']} 也一样。请检查数据，或用更小的学习率重新开始。`,
  'device-lost': (detail) =>
    detail['step'] === undefined ? 'GPU 丢失。' : `GPU 丢失；从第 ${detail['step']} 步的检查点继续。`,
  'device-lost-often': (detail) => `GPU 在 ${detail['minutes']} 分钟内丢失 ${detail['times']} 次，因此结束了这次训练。`,
  'settings-kept': (detail) => `继续的训练沿用原来的设置：${detail['keys']}。`,
  'setting-fixed': (detail) => `设置 ${detail['key']} 在训练中不能更改。请用它另开一次训练。`,
  'setting-invalid': (detail) => `设置 ${detail['key']} 不能是 ${detail['value']}。`,
  'other-task': (detail) => `这次训练的任务是 ${detail['was']}，不能作为 ${detail['now']} 继续。`,
  'other-data': (detail) =>
    detail['was'] === undefined
      ? `这次训练用的是另一份数据：${detail['what']} 变了。请选择同样的文件。`
      : `这次训练用的是另一份数据：${detail['what']} 原来是 ${detail['was']}，现在是 ${detail['now']}。请选择同样的文件。`,
  'weight-missing': (detail) => `检查点里没有权重 ${detail['name']}；它属于别的模型或设置。`,
  'weight-mismatch': (detail) => `权重 ${detail['name']} 的大小与这个模型不符。`,
  'optimizer-mismatch': () => '检查点里的优化器状态属于别的模型或设置。',
  'frames-not-kept': (detail) => `帧未能保留，因此训练会反复解码它们：${detail['reason']}`,
  'storage-full': () => '浏览器不再给本页面空间。请删除不再需要的记录。',
  'storage-unavailable': () => '浏览器不让本页面保存内容（无痕窗口或已关闭存储）。可以训练，但不会保存。',
  'bvh-none': () => '文件夹里没有 .bvh 文件；请拖入含动作捕捉文件的文件夹。',
  'bvh-none-usable': (detail) => `${detail['found']} 个 .bvh 文件都不可用。`,
  'bvh-syntax': (detail) => `文件的写法不符合 BVH 格式${where(detail)}`,
  'bvh-braces': (detail) => `花括号不成对${where(detail)}`,
  'bvh-bad-number': (detail) => `有一个值不是可用的数字${where(detail)}`,
  'bvh-decimal-comma': (detail) => `数字用逗号作小数点；请改用小数点重新导出${where(detail)}`,
  'bvh-duplicate-joint': (detail) => `两个关节同名${where(detail)}`,
  'bvh-two-roots': (detail) => `文件里有第二个 ROOT；请每个文件只放一个人${where(detail)}`,
  'bvh-channels': (detail) => `关节的通道写法不可用${where(detail)}`,
  'bvh-too-large': (detail) => `文件大于 200 MB；请分段保存${where(detail)}`,
  'bvh-unknown-joints': (detail) => `关节名不属于任何已知骨架；请添加带映射的 index.json${where(detail)}`,
  'bvh-scale': (detail) =>
    `按这个单位大腿长 ${detail['thigh']} 毫米；请在 index.json 里设置 mm_per_unit${where(detail)}`,
  'bvh-not-in-index': (detail) => `index.json 没有列出这个文件；请补上或删去${where(detail)}`,
  'bvh-index': (detail) => `index.json 不可用；请改正，或删去它以按文件名划分${where(detail)}`,
  'bvh-missing-file': (detail) => `index.json 列出的文件不存在${where(detail)}`,
  'video-empty': (detail) => `文件是空的；请重新复制${where(detail)}`,
  'video-format': (detail) =>
    `无论文件名怎么写，这都不是视频；可读 MP4、MOV、WebM、Matroska 和 MPEG-TS${where(detail)}`,
  'video-container': (detail) => `不读取 ${detail['container']} 文件；请转换：${detail['line']}${where(detail)}`,
  'video-codec': (detail) => `这个浏览器不能解码 ${detail['codec']}；请转换：${detail['line']}${where(detail)}`,
  'video-edits': (detail) =>
    `文件的剪辑表以别的速度、静帧或多次重复播放片段，这里不支持；请重新导出：${detail['line']}${where(detail)}`,
  'video-no-track': (detail) => `文件里没有视频${where(detail)}`,
  'video-no-index': (detail) =>
    `文件缺少索引，多半是录制或下载中断；请重新复制，或用 untrunc 等工具修复${where(detail)}`,
  'video-encrypted': (detail) => `视频已加密（DRM）；有密钥时请解密：${detail['line']}${where(detail)}`,
  'video-compressed': (detail) =>
    `画面（${detail['codec']}）又用 ${detail['compression']} 压缩过，这里不读取；请原样写出：${detail['line']}${where(detail)}`,
  'video-parameters-change': (detail) =>
    `码流中途改变参数（${detail['codec']}），拼接的文件会这样，浏览器不能解码；请重新写出：${detail['line']}${where(detail)}`,
  'video-unreadable': (detail) =>
    `文件的结构在这里不能读取，或已损坏；若播放器能放，请重新写出：${detail['line']}${where(detail)}`,
  'video-starts-late': (detail) =>
    `录像从两个关键帧之间开始，前 ${detail['frames']} 帧不能解码；其余照用${where(detail)}`,
  'video-empty-frames': (detail) => `文件有 ${detail['frames']} 帧是空的，已略去${where(detail)}`,
  'video-damaged': (detail) => `文件损坏：索引所指之处没有画面；请重新复制${where(detail)}`,
  'video-undecodable': (detail) =>
    `没有一帧能解码：文件损坏，或这个浏览器缺少它的编码档次（${detail['codec']}）；请换一份，或转换：${detail['line']}${where(detail)}`,
  'video-partly': (detail) =>
    `${detail['frames']} 帧中有 ${detail['lost']} 帧不能解码，另有 ${detail['doubtful']} 帧在数据错误之后、画面可能不对；能解码的照常使用${where(detail)}`,
  'video-stalled': (detail) => `文件 ${detail['seconds']} 秒没有给出任何内容，已停止读取；它可能损坏${where(detail)}`,
  'video-lost-part': (detail) => `文件中间有 ${detail['bytes']} 字节损坏：那里的帧已缺失，其余照用${where(detail)}`,
  'video-gap': (detail) =>
    `${detail['from']} 至 ${detail['to']} 秒之间没有帧（共 ${detail['gaps']} 处，按通常帧率约 ${detail['frames']} 帧）：或画面静止，或文件缺失一段${where(detail)}`,
  'video-short': (detail) =>
    `${detail['promised'] === undefined ? '文件不完整' : `文件头写 ${detail['promised']} 秒，画面到 ${detail['end']} 秒为止`}：其中 ${detail['frames']} 帧（${detail['seconds']} 秒）可用并已使用${where(detail)}`,
  'video-tracks': (detail) => `文件有 ${detail['tracks']} 条视频轨；使用第 ${detail['track']} 条${where(detail)}`,
  'video-not-encodable': (detail) =>
    `这个浏览器不能以任何已知格式写出 ${detail['width']} × ${detail['height']} 的视频；请使用较新的 Chrome、Edge、Firefox 或 Safari。`,
  'image-format': (detail) => `不读取这种图片；请存为 JPEG、PNG、WebP 或 AVIF${where(detail)}`,
  'picture-replaced': (detail) => `这张图片无法读取，改用它前面或后面的一张；请重新复制${where(detail)}`,
  'image-damaged': (detail) => `${detail['kind']} 图片损坏或不完整；请重新复制${where(detail)}`,
  'npy-object': (detail) => `数组里是只有 Python 能读的对象；请用 allow_pickle=True 读出后逐个保存${where(detail)}`,
  'npy-type': (detail) => `不支持这种类型的数组；请存为 float32${where(detail)}`,
  'npy-broken': (detail) => `这不是完好的 NumPy 数组${where(detail)}`,
  'archive-no-runs': (detail) => `压缩包里没有记录；请选择在“记录”里保存的 .zip${where(detail)}`,
  'archive-newer': (detail) => `这个压缩包是更新版本的 Tabtune 写的；请重新加载页面${where(detail)}`,
  'archive-record': (detail) => `一条记录在“${detail['key']}”处损坏，或是其他版本写的${where(detail)}`,
  'archive-checkpoint': (detail) =>
    `压缩包里有一个检查点属于别的训练：${detail['name']} 的第 ${detail['step']} 步${where(detail)}`,
  'packed-broken': (detail) => `压缩包的一部分已损坏；请重新保存${where(detail)}`,
  'zip-broken': (detail) => `压缩包损坏或不完整；请重新下载或保存${where(detail)}`,
  'zip-encrypted': (detail) => `压缩包有密码；请解开后不加密码保存${where(detail)}`,
};
