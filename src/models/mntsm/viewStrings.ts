// What the view of judged videos says about manipulated faces, in both languages; loaded with the view.
import type { JudgedWords } from '../../ui/judged/judgedStrings';
import type { LocaleTag } from '../../ui/strings/taskStrings';

/** Numbers arrive as text, already in the reader's form. */
interface MntsmWords extends JudgedWords {
  readonly trainedOn: (kinds: string) => string;
  readonly trainedKind: (kind: string, videos: string) => string;
  readonly trainedUnknown: string;
  readonly caveat: string;
}

const en: MntsmWords = {
  label: 'Real or manipulated: scores of the validation videos',
  truth: { negative: 'real', positive: 'manipulated' },
  filters: { negative: 'Real', positive: 'Manipulated' },
  none: {
    negative: 'None of these videos is labelled real.',
    positive: 'None of these videos is labelled manipulated.',
  },
  thresholdNote: 'Scores from here on count as manipulated.',
  scale: { low: 'like the real ones', high: 'like the manipulated ones' },
  mark: 'Manipulated',
  falsePositives: 'false positive rate: share of real ones above',
  counted: (all, real, fake) => `${all}: ${real} real, ${fake} manipulated`,
  stills: {
    title: 'Most decisive frames',
    note: 'attention times distance of the frame’s score from 0.5',
    none: 'Pictures are kept for the first dozen videos only.',
    mark: 'most decisive',
  },
  trainedOn: (kinds) => `Trained on videos of these kinds: ${kinds}.`,
  trainedKind: (kind, videos) => `${kind} (${videos})`,
  trainedUnknown: 'What it was trained on is not recorded.',
  caveat: 'A score compares a video with those; it says nothing about other kinds of manipulation.',
};

const zhCN: MntsmWords = {
  label: '真实或篡改：验证视频的分数',
  truth: { negative: '真实', positive: '篡改' },
  filters: { negative: '真实', positive: '篡改' },
  none: { negative: '这些视频中没有标注为真实的。', positive: '这些视频中没有标注为篡改的。' },
  thresholdNote: '达到此值的分数计为篡改。',
  scale: { low: '接近真实视频', high: '接近篡改视频' },
  mark: '篡改画面',
  falsePositives: '假阳性率：真实样本中高于阈值的比例',
  counted: (all, real, fake) => `${all}：真实 ${real}，篡改 ${fake}`,
  stills: {
    title: '最具决定性的帧',
    note: '注意力乘以帧分数与 0.5 的距离',
    none: '只为前十二个视频保留画面。',
    mark: '最具决定性',
  },
  trainedOn: (kinds) => `训练视频的类型：${kinds}。`,
  trainedKind: (kind, videos) => `${kind}（${videos}）`,
  trainedUnknown: '没有记录训练数据的来源。',
  caveat: '分数只表示与这些视频的相似程度，不能说明其他类型的篡改。',
};

export const viewStrings: Readonly<Record<LocaleTag, MntsmWords>> = { en, 'zh-CN': zhCN };

/** What Try says of one video. */
interface FindingsWords {
  readonly verdict: (score: string, above: boolean, threshold: string) => string;
  readonly noFace: string;
  readonly noClip: string;
  readonly score: string;
  readonly clips: string;
  readonly label: string;
}

export const findingsStrings: Readonly<Record<LocaleTag, FindingsWords>> = {
  en: {
    verdict: (score, above, threshold) => `score ${score}, ${above ? 'above' : 'below'} the threshold ${threshold}`,
    noFace: 'no face found',
    noClip: 'nothing judged yet',
    score: 'Score of the video',
    clips: 'Clips judged',
    label: 'Real or manipulated: scores of this video',
  },
  'zh-CN': {
    verdict: (score, above, threshold) => `分数 ${score}，${above ? '高于' : '低于'}阈值 ${threshold}`,
    noFace: '未找到人脸',
    noClip: '尚未判定',
    score: '视频分数',
    clips: '已判定片段',
    label: '真实或篡改：此视频的分数',
  },
};
