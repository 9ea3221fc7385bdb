// The view of one task alone on made-up results; the query picks them (?task=, ?case=usual|before|now|none or one of its own, ?locale=).
import { mount } from 'svelte';
import '../../../src/ui/theme.css';
import '../../../src/ui/base.css';
import { preferences } from '../../../src/ui/state/preferences.svelte';
import { loadView } from '../../../src/ui/tasks';
import { fakeViewOf, nothing, type FakeMoments } from './fakeView';

const query = new URLSearchParams(location.search);
const task = query.get('task') ?? '';
const { viewAt, cases: own } = (await fakeViewOf(task))!;
const cases: Readonly<Record<string, () => FakeMoments>> = {
  usual: () => ({ before: viewAt(0), now: null, after: viewAt(1) }),
  before: () => ({ ...nothing, before: viewAt(0) }),
  now: () => ({ ...nothing, now: viewAt(0.5) }),
  none: () => nothing,
  ...own,
};

await preferences.load();
if (query.get('locale') === 'zh-CN') await preferences.chooseLocale('zh-CN');
const target = document.createElement('main');
target.className = 'panel';
target.style.margin = '12px';
document.body.append(target);
const View = (await loadView(task))!;
mount(View, {
  target,
  props: {
    ...cases[query.get('case') ?? 'usual']!(),
    locale: preferences.locale,
    theme: preferences.theme,
  },
});
