// Words of the player and of the 3D view; loaded with a view that has them.
import { count } from '../format/quantities';
import type { LocaleTag } from './taskStrings';

const number = (value: number) => count('en', value);
const shu = (value: number) => count('zh-CN', value);

const en = {
  player: {
    position: 'Position in the clip',
    play: 'Play',
    pause: 'Pause',
    previous: 'Previous frame',
    next: 'Next frame',
    speed: 'Speed',
    most: (value: string) => `max ${value}`,
    frame: (frame: number, total: number) => `frame ${number(frame)} of ${number(total)}`,
    time: (seconds: string) => `${seconds} s`,
    elsewhere: 'The page keeps no copy of your videos. Continue the run with its folder, and they are seen here again.',
  },
  orbit: {
    name: '3D view',
    help: 'Drag or use the arrow keys to turn.',
    angles: (yaw: number, pitch: number) => `turned ${yaw}°, tilted ${pitch}°`,
    presets: { front: 'Front', side: 'Side', top: 'Top' },
  },
};

type PlayerTexts = typeof en;

const zhCN: PlayerTexts = {
  player: {
    position: '片段中的位置',
    play: '播放',
    pause: '暂停',
    previous: '上一帧',
    next: '下一帧',
    speed: '速度',
    most: (value) => `最大 ${value}`,
    frame: (frame, total) => `第 ${shu(frame)} 帧，共 ${shu(total)} 帧`,
    time: (seconds) => `${seconds} 秒`,
    elsewhere: '本页面不保存你的视频副本。用它的文件夹继续这次训练，即可在这里再次看到。',
  },
  orbit: {
    name: '三维视图',
    help: '拖动或用方向键旋转。',
    angles: (yaw, pitch) => `水平 ${yaw}°，俯仰 ${pitch}°`,
    presets: { front: '正面', side: '侧面', top: '俯视' },
  },
};

export const playerTexts: Readonly<Record<LocaleTag, PlayerTexts>> = { en, 'zh-CN': zhCN };
