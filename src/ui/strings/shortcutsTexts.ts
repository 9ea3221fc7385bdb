// What the keys do; loaded with the dialog that lists them.
import type { LocaleTag } from './taskStrings';

const en = {
  startPause: 'Start training, pause, continue',
  help: 'This list',
  player: 'While the player has focus',
  playPause: 'Play or pause',
  frames: 'One frame back or forward',
  second: 'One second back or forward',
  segments: 'Previous or next segment or clip',
  truth: 'Show or hide the truth',
  orbit: 'While the 3D view has focus',
  turn: 'Turn the view',
};

type ShortcutsTexts = typeof en;

const zhCN: ShortcutsTexts = {
  startPause: '开始训练、暂停、继续',
  help: '本列表',
  player: '播放器获得焦点时',
  playPause: '播放或暂停',
  frames: '后退或前进一帧',
  second: '后退或前进一秒',
  segments: '上一个或下一个时段、片段',
  truth: '显示或隐藏真值',
  orbit: '三维视图获得焦点时',
  turn: '旋转视图',
};

export const shortcutsTexts: Readonly<Record<LocaleTag, ShortcutsTexts>> = { en, 'zh-CN': zhCN };
