// What Try says of found boxes, in both languages. Numbers arrive as text.
import type { LocaleTag } from '../../ui/strings/taskStrings';

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
const boxes = (count: number): string => `${count} ${count === 1 ? 'box' : 'boxes'}`;

const en = {
  nothingYet: 'nothing judged yet',
  picture: (name: string, share: string) => `most like “${name}” (${share})`,
  boxes: (count: number, names: string, score: string) =>
    count === 0 ? `no box with a score of ${score}` : `${boxes(count)}: ${names}`,
  video: (frames: number, most: number, names: string) =>
    most === 0
      ? `no box in ${plural(frames, 'frame')}`
      : `up to ${boxes(most)} in one of ${plural(frames, 'frame')}: ${names}`,
  frames: 'Frames',
  similarity: 'The picture as a whole beside each name',
};

const zhCN: typeof en = {
  nothingYet: '尚未判定',
  picture: (name, share) => `最接近“${name}”（${share}）`,
  boxes: (count, names, score) => (count === 0 ? `没有得分达到 ${score} 的框` : `${count} 个框：${names}`),
  video: (frames, most, names) =>
    most === 0 ? `${frames} 帧中没有框` : `${frames} 帧中单帧最多 ${most} 个框：${names}`,
  frames: '帧数',
  similarity: '整图与各名称的相似度',
};

export const findingsStrings: Readonly<Record<LocaleTag, typeof en>> = { en, 'zh-CN': zhCN };
