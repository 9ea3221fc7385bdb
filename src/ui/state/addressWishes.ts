// What the page's address asks of a run: `?tune=on` and `?tune=off`, `?debug`.
import type { RunConfig } from '../../training/protocol';

/** `tuning` tries kernels out before training, or never does; `debug` times every kernel of a step. */
export function addressWishes(search = location.search): Pick<RunConfig, 'tuning' | 'debug'> {
  const wishes = new URLSearchParams(search);
  const tune = wishes.get('tune');
  return { ...((tune === 'on' || tune === 'off') && { tuning: tune }), ...(wishes.has('debug') && { debug: true }) };
}
