// Texts of judged videos in both languages, whatever they are judged for; loaded with the view. A task adds its own words.
import type { LocaleTag } from '../strings/taskStrings';

/** What a task calls the two sides and what it says of its scores. */
export interface JudgedWords {
  /** Name of the whole view. */
  readonly label: string;
  readonly truth: { readonly negative: string; readonly positive: string };
  readonly filters: { readonly negative: string; readonly positive: string };
  /** Said where a filter leaves nothing. */
  readonly none: { readonly negative: string; readonly positive: string };
  readonly thresholdNote: string;
  /** What either end of the scale is like. */
  readonly scale: { readonly low: string; readonly high: string };
  /** Written over pictures of positive videos; empty for none. */
  readonly mark: string;
  readonly falsePositives: string;
  readonly counted: (all: string, negative: string, positive: string) => string;
  readonly stills: { readonly title: string; readonly note: string; readonly none: string; readonly mark: string };
}

/** Numbers arrive as text, already in the reader's form. */
const en = {
  nothing: 'No validation pass has ended yet.',
  noVideos: 'This pass judged no videos.',
  threshold: 'Threshold',
  thresholdValue: (value: string, wrong: string, total: string) =>
    `${value}, ${wrong} of ${total} videos wrongly judged`,
  thresholdAbove: (value: string, above: string, total: string) => `${value}, ${above} of ${total} videos above it`,
  reset: (value: string) => `Back to ${value}`,
  wronglyJudged: (wrong: string, total: string) => `${wrong} of ${total} videos wrongly judged`,
  aboveOf: (above: string, total: string) => `${above} of ${total} videos above the threshold`,
  videos: 'Videos',
  unlabelled: 'no label',
  filter: 'Which videos',
  filters: { all: 'All', wrong: 'Wrongly judged', above: 'Above', below: 'Below' },
  order: 'Order',
  orders: {
    wrong: 'Most wrongly judged first',
    highest: 'Highest score first',
    lowest: 'Lowest score first',
    name: 'By name',
  },
  none: {
    all: 'This pass judged no videos.',
    wrong: 'At this threshold no video is wrongly judged.',
    above: 'No video reaches this threshold.',
    below: 'Every video reaches this threshold.',
  },
  wrong: 'wrongly judged',
  labelSays: 'The label says',
  size: (seconds: string, clips: string, one: boolean) => `${seconds} s, ${clips} ${one ? 'clip' : 'clips'}`,
  sentence: {
    above: (score: string, threshold: string) => `Score ${score}, above the threshold ${threshold}`,
    below: (score: string, threshold: string) => `Score ${score}, below the threshold ${threshold}`,
    at: (score: string) => `Score ${score}, at the threshold, which counts as above`,
  },
  band: {
    none: 'One clip, so there is no uncertainty band.',
    open: (half: string, clips: string) => `±${half} over ${clips} clips: the band reaches the threshold.`,
    clear: (half: string, clips: string) =>
      `±${half} over ${clips} clips: the band stays on this side of the threshold.`,
  },
  sentences: (all: readonly string[]) => all.join(' '),
  untrained: 'These scores are from before training.',
  timeline: 'Score along the video',
  perClip: 'score per clip',
  perFrame: 'attention per frame',
  scorePerFrame: 'score per frame',
  truthSpans: 'labelled',
  side: { above: 'above the threshold', below: 'below it' },
  evenShare: 'even attention',
  position: 'Position in the video',
  cursorNote: (clip: string, clipScore: string, attention: string | null, score: string) =>
    `clip ${clip} score ${clipScore}, ${attention === null ? '' : `frame attention ${attention}, `}frame score ${score}`,
  cursorNotes: (all: readonly string[]) => all.join('; '),
  readout: (seconds: string) => `Frame at ${seconds} s`,
  clip: 'Clip',
  clipOf: (clip: string, clips: string) => `${clip} of ${clips}`,
  span: (from: string, until: string) => `${from}–${until} s`,
  clipScore: 'Clip score',
  attention: 'Attention',
  timesEven: (times: string) => `${times}× even`,
  frameScore: 'Frame score',
  seconds: 'Seconds',
  noClips: 'No clip of this video was judged.',
  goTo: (seconds: string) => `Go to ${seconds} s`,
  time: (seconds: string) => `${seconds} s`,
  attentionOf: (attention: string) => `attention ${attention}`,
  scoreOf: (score: string) => `score ${score}`,
  roc: 'ROC',
  rocNote: 'all videos and clips of this pass',
  truePositives: 'true positive rate',
  falseRate: (level: string) => `${level}: false positive rate`,
  trueRate: (level: string) => `${level}: true positive rate`,
  levels: { video: 'Videos', clip: 'Clips' },
  atThreshold: (value: string) => `threshold ${value}`,
  auc: 'AUC',
  earlier: (value: string) => `before training ${value}`,
  undefinedAuc: 'undefined: only one class',
  labelled: 'Label',
  scored: { below: 'Score below', above: 'Score above' },
};

const zhCN: typeof en = {
  nothing: '还没有完成任何一次验证。',
  noVideos: '这次验证没有判定任何视频。',
  threshold: '阈值',
  thresholdValue: (value, wrong, total) => `${value}，${total} 个视频中误判 ${wrong} 个`,
  thresholdAbove: (value, above, total) => `${value}，${total} 个视频中 ${above} 个高于阈值`,
  reset: (value) => `恢复为 ${value}`,
  wronglyJudged: (wrong, total) => `${total} 个视频中误判 ${wrong} 个`,
  aboveOf: (above, total) => `${total} 个视频中 ${above} 个高于阈值`,
  videos: '视频',
  unlabelled: '无标注',
  filter: '显示哪些视频',
  filters: { all: '全部', wrong: '误判', above: '高于阈值', below: '低于阈值' },
  order: '排序',
  orders: { wrong: '误判最严重的在前', highest: '分数从高到低', lowest: '分数从低到高', name: '按名称' },
  none: {
    all: '这次验证没有判定任何视频。',
    wrong: '在此阈值下没有误判的视频。',
    above: '没有视频达到此阈值。',
    below: '所有视频都达到此阈值。',
  },
  wrong: '误判',
  labelSays: '标注为',
  size: (seconds, clips) => `${seconds} 秒，${clips} 个片段`,
  sentence: {
    above: (score, threshold) => `分数 ${score}，高于阈值 ${threshold}`,
    below: (score, threshold) => `分数 ${score}，低于阈值 ${threshold}`,
    at: (score) => `分数 ${score}，等于阈值，计为高于`,
  },
  band: {
    none: '只有一个片段，因此没有不确定区间。',
    open: (half, clips) => `±${half}（${clips} 个片段）：不确定区间触及阈值。`,
    clear: (half, clips) => `±${half}（${clips} 个片段）：不确定区间未触及阈值。`,
  },
  sentences: (all) => all.join(''),
  untrained: '这些是训练前的分数。',
  timeline: '分数随时间的变化',
  perClip: '每个片段的分数',
  perFrame: '每帧的注意力',
  scorePerFrame: '每帧的分数',
  truthSpans: '标注的时段',
  side: { above: '高于阈值', below: '低于阈值' },
  evenShare: '平均注意力',
  position: '视频中的位置',
  cursorNote: (clip, clipScore, attention, score) =>
    `片段 ${clip} 分数 ${clipScore}，${attention === null ? '' : `帧注意力 ${attention}，`}帧分数 ${score}`,
  cursorNotes: (all) => all.join('；'),
  readout: (seconds) => `${seconds} 秒处的帧`,
  clip: '片段',
  clipOf: (clip, clips) => `${clip} / ${clips}`,
  span: (from, until) => `${from}–${until} 秒`,
  clipScore: '片段分数',
  attention: '注意力',
  timesEven: (times) => `平均值的 ${times} 倍`,
  frameScore: '帧分数',
  seconds: '秒',
  noClips: '这个视频没有判定任何片段。',
  goTo: (seconds) => `转到 ${seconds} 秒`,
  time: (seconds) => `${seconds} 秒`,
  attentionOf: (attention) => `注意力 ${attention}`,
  scoreOf: (score) => `分数 ${score}`,
  roc: 'ROC 曲线',
  rocNote: '这次验证的全部视频与片段',
  truePositives: '真阳性率',
  falseRate: (level) => `${level}：假阳性率`,
  trueRate: (level) => `${level}：真阳性率`,
  levels: { video: '视频', clip: '片段' },
  atThreshold: (value) => `阈值 ${value}`,
  auc: 'AUC',
  earlier: (value) => `训练前 ${value}`,
  undefinedAuc: '无定义：只有一个类别',
  labelled: '标注',
  scored: { below: '低于阈值', above: '高于阈值' },
};

type JudgedStrings = typeof en;

/** What the parts say: our words, with the task's beside them. */
export type JudgedText = JudgedStrings & { readonly words: JudgedWords };

const strings: Readonly<Record<LocaleTag, JudgedStrings>> = { en, 'zh-CN': zhCN };

/** The texts in a language, with the words of a task. */
export function judgedText(locale: LocaleTag, words: JudgedWords): JudgedText {
  return { ...strings[locale], words };
}
