// Texts about the resized frames of videos that are kept for later runs, in Simplified Chinese.
import { count } from '../format/quantities';
import type { framesEn } from './framesEn';

export const framesZhCN: typeof framesEn = {
  frames: {
    keeping: (done, total) => `训练的同时缩放并保留帧：${count('zh-CN', done)} / ${count('zh-CN', total)}。`,
    found: (size) => `读取之前的训练保留的缩放帧 ${size}。`,
    written: (size) => `已保留缩放帧 ${size}，供下次使用。`,
    memory: (size) => `本次训练在内存中保留缩放帧 ${size}。`,
    removed: (size) => `最久未用的其他视频的帧已让出空间（${size}）。`,
    none: '没有能保留缩放帧：每轮都要重新解码视频。',
    some: (kept, videos) =>
      `已保留 ${count('zh-CN', videos)} 个视频中 ${count('zh-CN', kept)} 个的帧；其余的每轮重新解码。`,
    stored: (size, files) => `其中视频的缩放帧占 ${size}，共 ${count('zh-CN', files)} 个文件。`,
    nothing: '没有保留视频的缩放帧。',
    use: '有了它们，下次用同样的视频训练时不必再解码。删除它们不会丢失别的东西。',
    delete: '删除缩放帧',
    deleted: (size) => `已删除缩放帧 ${size}。`,
    inUse: '训练正在进行：结束后才能删除。',
  },
};
