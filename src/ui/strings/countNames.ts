// What a data check counted, in words: names that every task's data may have. A task's own names say the rest.
import type { LocaleTag, TaskStrings } from './taskStrings';

type Names = Readonly<Record<string, string>>;

/** These stand before a task's names, in which the same key may mean something else (a table, a phase). */
const everyTask: Readonly<Record<LocaleTag, Names>> = {
  en: {
    classes: 'classes',
    videos: 'videos without a part',
    images: 'pictures without a part',
    recordings: 'recordings without a part',
    seconds: 'seconds',
    'longest, seconds': 'longest, seconds',
    'missing files': 'labels without a file',
  },
  'zh-CN': {
    classes: '类别',
    videos: '未划分的视频',
    images: '未划分的图片',
    recordings: '未划分的录像',
    seconds: '总秒数',
    'longest, seconds': '最长秒数',
    'missing files': '缺文件的标注',
  },
};

/** These are for tasks that have no name of their own for them. */
const otherwise: Readonly<Record<LocaleTag, Names>> = {
  en: {
    instances: 'labels',
    clips: 'clips',
    pictures: 'pictures',
    'train videos': 'training videos',
    'val videos': 'validation videos',
    'test videos': 'test videos',
    'train images': 'training pictures',
    'val images': 'validation pictures',
    'test images': 'test pictures',
    'train recordings': 'training recordings',
    'val recordings': 'validation recordings',
    'test recordings': 'test recordings',
    'train clips': 'training clips',
    'val clips': 'validation clips',
  },
  'zh-CN': {
    instances: '标注',
    clips: '片段',
    pictures: '图片',
    'train videos': '训练视频',
    'val videos': '验证视频',
    'test videos': '测试视频',
    'train images': '训练图片',
    'val images': '验证图片',
    'test images': '测试图片',
    'train recordings': '训练录像',
    'val recordings': '验证录像',
    'test recordings': '测试录像',
    'train clips': '训练片段',
    'val clips': '验证片段',
  },
};

/** The word for a count of a data report; `names` are the task's. */
export function countName(locale: LocaleTag, { names }: Pick<TaskStrings, 'names'>, name: string): string {
  return everyTask[locale][name] ?? names[name] ?? otherwise[locale][name] ?? name;
}
