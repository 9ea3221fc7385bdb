// The view of judged videos alone on made-up results; the query picks them (?case=usual|before|now|oneClass|unlabelled|curves|empty|many|none, ?locale=).
import { mount } from 'svelte';
import '../../../src/ui/theme.css';
import '../../../src/ui/base.css';
import View from '../../../src/models/mntsm/View.svelte';
import type { MntsmView } from '../../../src/models/mntsm/viewPayload';
import { preferences } from '../../../src/ui/state/preferences.svelte';
import { fakeMntsmView, withoutAttention, withoutLabels } from './payload';

interface Moments {
  readonly before: MntsmView | null;
  readonly now: MntsmView | null;
  readonly after: MntsmView | null;
}

const none: Moments = { before: null, now: null, after: null };
const cases: Readonly<Record<string, () => Moments>> = {
  usual: () => ({ before: fakeMntsmView({ skill: 0 }), now: null, after: fakeMntsmView({ skill: 1 }) }),
  before: () => ({ ...none, before: fakeMntsmView({ skill: 0 }) }),
  now: () => ({ ...none, now: fakeMntsmView({ skill: 0.5 }) }),
  oneClass: () => ({ ...none, after: fakeMntsmView({ skill: 1, only: true }) }),
  unlabelled: () => ({ ...none, now: withoutLabels(fakeMntsmView({ skill: 1 })) }),
  curves: () => ({ ...none, after: withoutAttention(fakeMntsmView({ skill: 1 })) }),
  empty: () => ({ ...none, after: { ...fakeMntsmView({ skill: 1, times: 0 }), trainedOn: [] } }),
  many: () => ({ ...none, after: fakeMntsmView({ skill: 1, times: 40 }) }),
  none: () => none,
};

const query = new URLSearchParams(location.search);
await preferences.load();
if (query.get('locale') === 'zh-CN') await preferences.chooseLocale('zh-CN');
const target = document.createElement('main');
target.className = 'panel';
target.style.margin = '12px';
document.body.append(target);
mount(View, {
  target,
  props: {
    ...cases[query.get('case') ?? 'usual']!(),
    locale: preferences.locale,
    theme: preferences.theme,
  },
});
