// Tells of a newer version of the page; it takes over when the person wants it, and never while a run is under way.
import { keepOffline } from './offline';
import { preferences } from './preferences.svelte';
import type { Workbench } from './workbench.svelte';

const texts = {
  en: { arrived: 'A newer version of this page has arrived.', reload: 'Reload with it' },
  'zh-CN': { arrived: '本页面有了新版本。', reload: '用新版本重新加载' },
};

/** Keeps the page for use without a network and adds a notice for each newer version. */
export function offerUpdate(bench: Workbench): Promise<void> {
  const words = () => texts[preferences.locale];
  return keepOffline((takeOver) => {
    const run = () => {
      if (!bench.active) takeOver();
    };
    bench.notices.add({ tone: 'info', say: () => words().arrived, action: { label: () => words().reload, run } });
  });
}
