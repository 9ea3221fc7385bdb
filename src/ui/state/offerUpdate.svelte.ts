// Offers a newer version of the page while no run is under way; nothing of it happens by itself.
import { keepOffline } from './offline';
import { preferences } from './preferences.svelte';
import type { Workbench } from './workbench.svelte';

const texts = {
  en: { arrived: 'A newer version of this page has arrived.', reload: 'Reload with it' },
  'zh-CN': { arrived: '本页面有了新版本。', reload: '用新版本重新加载' },
};

/** Keeps the page for use without a network and adds a notice of a newer version between runs. */
export function offerUpdate(bench: Pick<Workbench, 'active' | 'notices'>): Promise<void> {
  let takeOver = $state.raw<(() => void) | null>(null);
  const words = () => texts[preferences.locale];
  $effect.root(() => {
    $effect(() => {
      if (takeOver === null || bench.active) return;
      const action = { label: () => words().reload, run: takeOver };
      const id = bench.notices.add({ tone: 'info', say: () => words().arrived, action });
      return () => bench.notices.dismiss(id);
    });
  });
  return keepOffline((given) => (takeOver = given));
}
