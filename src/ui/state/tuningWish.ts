// `?tune=on` and `?tune=off` in the page's address: whether kernels are tried out before training.
import type { RunConfig } from '../../training/protocol';

/** What the address asks for; nothing leaves it to the adapter. */
export function tuningWish(search = location.search): Pick<RunConfig, 'tuning'> {
  const wish = new URLSearchParams(search).get('tune');
  return wish === 'on' || wish === 'off' ? { tuning: wish } : {};
}
