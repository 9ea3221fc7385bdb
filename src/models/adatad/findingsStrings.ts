// What Try says of actions, in both languages.
import type { LocaleTag } from '../../ui/strings/taskStrings';

interface FindingsWords {
  readonly verdict: (actions: number, classes: number) => string;
  readonly nothingYet: string;
}

export const findingsStrings: Readonly<Record<LocaleTag, FindingsWords>> = {
  en: {
    verdict: (actions, classes) =>
      actions === 0
        ? 'no action from this threshold on'
        : `${actions} ${actions === 1 ? 'action' : 'actions'} of ${classes} ${classes === 1 ? 'class' : 'classes'}`,
    nothingYet: 'nothing judged yet',
  },
  'zh-CN': {
    verdict: (actions, classes) => (actions === 0 ? '没有达到阈值的动作' : `${classes} 类共 ${actions} 个动作`),
    nothingYet: '尚未判定',
  },
};
