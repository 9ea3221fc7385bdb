// What the page says about the action detector: settings, presets, metrics and names, in both languages.
import type { ErrorDetail } from '../../errors';
import type { TaskStrings, TaskStringsByLocale } from '../../ui/strings/taskStrings';

const named = (label: string, meaning: string) => ({ label, meaning });
const text = (detail: ErrorDetail, key: string): string => String(detail[key] ?? '');

const en: TaskStrings = {
  title: 'Actions in video',
  summary:
    'Says which actions a video shows and when each begins and ends: VideoMAE with adapters that look along time, under an ActionFormer detector, as AdaTAD has it. It is judged by mean average precision at overlaps of 0.3 to 0.7.',
  demo: 'The page draws people who do not exist and act before changing backgrounds, encodes the videos, and trains the small network on them. It is judged on other people and backgrounds.',
  files:
    'Reads a folder of videos (or a .zip of it) with labels: a JSON as ActivityNet and THUMOS14 have it, or a table (.csv) with the columns video, label, start and end. Times are in seconds; names are matched without their ending.',
  settings: {
    adapterRate: named('Rate of the adapters', 'Size of a step of the adapters at its largest.'),
    warmUpEpochs: named('Warm-up', 'Epochs in which the rate rises to its full size.'),
    scheduleEpochs: named('Schedule length', 'Epochs after which the cosine ends; the run may end before.'),
    frames: named('Frames', 'Of a window. The model sees them all at once.'),
    stride: named('Every n-th frame', 'Frames of the video from one that the model sees to the next.'),
    imageSize: named('Image size', 'Width and height that each frame is resized to.'),
    windowsPerVideo: named('Windows per video', 'Random windows that an epoch takes of each training video.'),
    placement: named('Crop', 'The largest square in the middle, or the whole picture pressed into a square.'),
    randomCrop: named('Random crop', 'Training windows see a random part of the picture.'),
    flip: named('Flip', 'Chance that a training window is mirrored.'),
    operations: named(
      'Random operations',
      'RandAugment: so many of 15 operations, such as shear, equalise or cutout, disturb each training window.',
    ),
    jitterBrightness: named('Brightness jitter', 'Largest random change of brightness.'),
    jitterContrast: named('Contrast jitter', 'Largest random change of contrast.'),
    jitterSaturation: named('Saturation jitter', 'Largest random change of saturation.'),
    jitterHue: named('Hue jitter', 'Largest random turn of the hue, as a share of the circle.'),
    cacheFrames: named(
      'Keep frames',
      'Keeps resized frames in the browser’s storage, so that videos are decoded once.',
    ),
    levels: named('Levels', 'Of the pyramid: each is half as long and answers for actions twice as long.'),
    trained: named('Trained', 'Adapters and detector alone, or the backbone too.'),
    width: named('Width', 'Of a token of the backbone; 384 for VideoMAE-S.'),
    depth: named('Layers', 'Blocks of the backbone; 12 for VideoMAE-S.'),
    heads: named('Heads', 'Of attention in the backbone; they divide its width.'),
    dropPath: named('Skipped branches', 'Largest chance that a chunk skips a branch of the backbone in training.'),
    channels: named('Channels', 'Of the detector.'),
    branchScale: named(
      'Start of branches',
      'What the factors of the detector’s branches start at; larger learns sooner.',
    ),
    detectorDropPath: named('Skipped in the detector', 'Chance that a window skips a branch of it in training.'),
    overlap: named('Overlap', 'Share of a window that the next one covers again when videos are judged.'),
    suppression: named('Suppression', 'How far overlapping detections of a class lower each other; larger is less.'),
    threshold: named(
      'Threshold',
      'Under Try detections are shown from this score on; take the one that validation found.',
    ),
    judgeTraining: named('Judge training videos', 'Also at each validation: shows how much is learned by heart.'),
  },
  choices: {
    centre: 'middle square',
    stretch: 'whole picture',
    adapters: 'adapters and detector',
    all: 'everything',
  },
  presets: {
    seed: named('Recommended', 'VideoMAE-S with adapters, 768 frames of 160 px, four windows a step, 100 epochs.'),
    upstream: named('Published recipe', 'OpenTAD on THUMOS14: two windows a step, 60 epochs of the cosine over 100.'),
    small: named('Small', 'A narrow network on 128 frames of 64 px, trained from random weights: for few videos.'),
    demo: named('Demo', 'The narrow network on short windows of made-up people, a few minutes.'),
  },
  metrics: {
    'average mAP': named('Average mAP', 'Mean over classes and over overlaps of 0.3 to 0.7; 1 finds every action.'),
    'mAP@0.3': named('mAP at 0.3', 'A detection counts from an overlap of 0.3 on.'),
    'mAP@0.4': named('mAP at 0.4', 'A detection counts from an overlap of 0.4 on.'),
    'mAP@0.5': named('mAP at 0.5', 'A detection counts from an overlap of 0.5 on.'),
    'mAP@0.6': named('mAP at 0.6', 'A detection counts from an overlap of 0.6 on.'),
    'mAP@0.7': named('mAP at 0.7', 'A detection counts from an overlap of 0.7 on.'),
    F1: named('F1', 'Best harmonic mean of precision and recall at an overlap of 0.5, over all thresholds.'),
    threshold: named('Threshold', 'The score at which F1 is best: show detections from here on.'),
    'training average mAP': named('Average mAP in training', 'On the videos that were trained on.'),
  },
  names: {
    class: 'classes',
    classes: 'Average precision by class',
    overlap: 'mAP by overlap',
    segment: 'ends',
    wholeVideo: 'each class all the time',
    meanDuration: 'each class in turns',
    'demo videos': 'drawing videos,',
    videos: 'opening videos,',
    frames: 'decoding frames,',
    'train videos': 'training videos',
    'val videos': 'validation videos',
    'test videos': 'test videos',
    'train clips': 'training windows',
    'val clips': 'judged windows',
    instances: 'actions',
    'shorter than a step': 'shorter than a step',
    'without a point': 'that no point learns',
  },
  errors: {
    'adatad-labels': () =>
      'These labels do not say which actions begin and end when. Add a JSON as ActivityNet has it, or a table with the columns video, label, start and end.',
    'adatad-no-videos': () => 'The labels name no video that is among the files. Add the videos.',
    'adatad-no-training': () => 'No video with an action is left for training; mark more as “training”, or add labels.',
    'adatad-no-validation': () =>
      'No video with an action is left to judge by; mark some as “validation”, or add labels.',
    'adatad-test-judged': () =>
      'No video is marked for validation: the test videos are judged after each epoch instead.',
    'adatad-levels': (detail) =>
      `${text(detail, 'frames')} frames do not halve often enough for ${text(detail, 'levels')} levels. Take fewer levels, or a multiple of ${text(detail, 'multiple')} frames.`,
    'adatad-outside': (detail) =>
      `“${text(detail, 'label')}” from ${text(detail, 'start')} to ${text(detail, 'end')} s lies behind the end of the video, which lasts ${text(detail, 'until')} s.`,
    'adatad-no-point': (detail) =>
      `No point of any level learns “${text(detail, 'label')}” from ${text(detail, 'start')} to ${text(detail, 'end')} s: sample more densely.`,
    'adatad-durations': (detail) =>
      `A step lasts ${text(detail, 'step')} s. Actions by the level that answers for them: ${text(detail, 'bins')}.`,
    'adatad-proposal': (detail) =>
      `These durations would suit one frame in ${text(detail, 'stride')}, windows of ${text(detail, 'frames')} frames and ${text(detail, 'levels')} levels.`,
    'adatad-frozen': () =>
      'Only adapters and detector learn: start from VideoMAE’s weights, or the frozen network sees nothing. Without them take the preset “Small”.',
    'adatad-heads': (detail) =>
      `A width of ${text(detail, 'width')} does not divide into ${text(detail, 'heads')} heads.`,
  },
};

const zhCN: TaskStrings = {
  title: '视频中的动作',
  summary:
    '说明视频里有哪些动作、各自何时开始和结束：VideoMAE 加沿时间方向的适配器，上接 ActionFormer 检测器，即 AdaTAD。用重叠度 0.3 到 0.7 的平均精度均值评判。',
  demo: '页面画出并不存在的人在不同背景前做动作，编码成视频，训练小网络，并在另一些人和背景上评判。',
  files:
    '读取带标注的视频文件夹（或其 .zip）：ActivityNet、THUMOS14 那样的 JSON，或含 video、label、start、end 列的表格（.csv）。时间以秒计，匹配文件名时不看扩展名。',
  settings: {
    adapterRate: named('适配器学习率', '适配器每步的最大步长。'),
    warmUpEpochs: named('预热', '学习率升到最大所用的轮次。'),
    scheduleEpochs: named('调度长度', '余弦结束时的轮次；训练可以更早结束。'),
    frames: named('帧数', '一个窗口的帧数，模型一次全部看到。'),
    stride: named('每 n 帧取一帧', '模型所见相邻两帧在视频中相隔的帧数。'),
    imageSize: named('图像尺寸', '每帧缩放到的宽和高。'),
    windowsPerVideo: named('每个视频的窗口数', '每轮从每个训练视频随机取的窗口数。'),
    placement: named('裁剪', '取中央最大的正方形，或把整幅画面压成正方形。'),
    randomCrop: named('随机裁剪', '训练窗口看到画面的随机一部分。'),
    flip: named('翻转', '训练窗口左右镜像的概率。'),
    operations: named('随机操作', 'RandAugment：每个训练窗口从剪切、均衡化、遮挡等 15 种操作中随机取这么多种。'),
    jitterBrightness: named('亮度抖动', '亮度随机变化的上限。'),
    jitterContrast: named('对比度抖动', '对比度随机变化的上限。'),
    jitterSaturation: named('饱和度抖动', '饱和度随机变化的上限。'),
    jitterHue: named('色相抖动', '色相随机转动的上限，占整圈的比例。'),
    cacheFrames: named('保留帧', '把缩放后的帧保存在浏览器存储中，视频只需解码一次。'),
    levels: named('层级', '金字塔的层数：每层长度减半，负责两倍长的动作。'),
    trained: named('训练部分', '只训练适配器和检测器，或连主干一起。'),
    width: named('宽度', '主干中一个 token 的宽度；VideoMAE-S 为 384。'),
    depth: named('层数', '主干的块数；VideoMAE-S 为 12。'),
    heads: named('头数', '主干注意力的头数，须整除宽度。'),
    dropPath: named('跳过分支', '训练时一段跳过主干某分支的最大概率。'),
    channels: named('通道数', '检测器的通道数。'),
    branchScale: named('分支初值', '检测器各分支系数的初值；越大学得越快。'),
    detectorDropPath: named('检测器跳过分支', '训练时一个窗口跳过其某分支的概率。'),
    overlap: named('重叠', '评判视频时相邻窗口重叠的比例。'),
    suppression: named('抑制', '同类检测重叠时互相压低分数的程度；越大越弱。'),
    threshold: named('阈值', '“试用”时显示不低于该分数的检测；可取验证得到的阈值。'),
    judgeTraining: named('评判训练视频', '每次验证时也评判，看出死记了多少。'),
  },
  choices: {
    centre: '中央正方形',
    stretch: '整幅画面',
    adapters: '适配器和检测器',
    all: '全部',
  },
  presets: {
    seed: named('推荐', 'VideoMAE-S 加适配器，768 帧 160 像素，每步四个窗口，100 轮。'),
    upstream: named('公开配方', 'OpenTAD 在 THUMOS14 上的设置：每步两个窗口，按 100 轮的余弦训练 60 轮。'),
    small: named('小型', '窄网络，128 帧 64 像素，从随机权重训练：适合少量视频。'),
    demo: named('演示', '窄网络，虚构人物的短窗口，几分钟。'),
  },
  metrics: {
    'average mAP': named('平均 mAP', '对类别和 0.3 到 0.7 的重叠度取平均；1 表示找到所有动作。'),
    'mAP@0.3': named('mAP（0.3）', '重叠度达到 0.3 算命中。'),
    'mAP@0.4': named('mAP（0.4）', '重叠度达到 0.4 算命中。'),
    'mAP@0.5': named('mAP（0.5）', '重叠度达到 0.5 算命中。'),
    'mAP@0.6': named('mAP（0.6）', '重叠度达到 0.6 算命中。'),
    'mAP@0.7': named('mAP（0.7）', '重叠度达到 0.7 算命中。'),
    F1: named('F1', '重叠度 0.5 时，各阈值中精确率与召回率的最佳调和平均。'),
    threshold: named('阈值', 'F1 最佳时的分数：显示不低于它的检测。'),
    'training average mAP': named('训练视频平均 mAP', '在训练过的视频上。'),
  },
  names: {
    class: '类别',
    classes: '各类别的平均精度',
    overlap: '各重叠度的 mAP',
    segment: '起止',
    wholeVideo: '每类都占满全程',
    meanDuration: '每类轮番铺满',
    'demo videos': '绘制视频',
    videos: '打开视频',
    frames: '解码帧',
    'train videos': '训练视频',
    'val videos': '验证视频',
    'test videos': '测试视频',
    'train clips': '训练窗口',
    'val clips': '评判窗口',
    instances: '动作',
    'shorter than a step': '短于一步',
    'without a point': '没有点能学到',
  },
  errors: {
    'adatad-labels': () =>
      '这些标注没有说明动作何时开始和结束。请添加 ActivityNet 格式的 JSON，或含 video、label、start、end 列的表格。',
    'adatad-no-videos': () => '标注中的视频都不在这些文件里。请添加视频。',
    'adatad-no-training': () => '没有含动作的训练视频；请把更多视频标为“training”，或添加标注。',
    'adatad-no-validation': () => '没有可用来评判的含动作的视频；请把一些标为“validation”，或添加标注。',
    'adatad-test-judged': () => '没有标为验证的视频：每轮之后改为评判测试视频。',
    'adatad-levels': (detail) =>
      `${text(detail, 'frames')} 帧不够 ${text(detail, 'levels')} 个层级逐层减半。请减少层级，或取 ${text(detail, 'multiple')} 的倍数。`,
    'adatad-outside': (detail) =>
      `“${text(detail, 'label')}”（${text(detail, 'start')}–${text(detail, 'end')} 秒）在视频结束之后：视频只有 ${text(detail, 'until')} 秒。`,
    'adatad-no-point': (detail) =>
      `没有任何层级的点能学到 ${text(detail, 'start')} 到 ${text(detail, 'end')} 秒的“${text(detail, 'label')}”：请取更密的帧。`,
    'adatad-durations': (detail) => `一步为 ${text(detail, 'step')} 秒。各层级负责的动作数：${text(detail, 'bins')}。`,
    'adatad-proposal': (detail) =>
      `按这些时长，适合每 ${text(detail, 'stride')} 帧取一帧、窗口 ${text(detail, 'frames')} 帧、${text(detail, 'levels')} 个层级。`,
    'adatad-frozen': () =>
      '只训练适配器和检测器：请从 VideoMAE 的权重开始，否则冻结的网络什么也看不出。没有权重时请用“小型”预设。',
    'adatad-recipe-pretrained': () => '请在“从权重开始”处选择权重文件。',
    'adatad-recipe-start': () => '从第一轮起，每隔若干轮验证一次。',
    'adatad-recipe-voting': () => '公开代码逐类抑制，片段投票不起作用。',
    'adatad-recipe-frozen': () => '主干哪些部分参与训练，由“训练部分”决定。',
    'adatad-recipe-machine': () => '关于另一程序的文件、加载器和日志；这里无需设置。',
    'adatad-heads': (detail) => `宽度 ${text(detail, 'width')} 不能被 ${text(detail, 'heads')} 个头整除。`,
  },
};

export const strings: TaskStringsByLocale = { en, 'zh-CN': zhCN };
