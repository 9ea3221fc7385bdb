// Workloads of our own beside those of the peer bench, and which peers have an adapter for them here.
import { fields, makeMntsm } from './mntsm/workload';
import { fields as rn50Fields, makeRn50 } from './rn50/workload';
import type { PeerName } from './options';
import type { Scale } from './protocol';
import type { Workload } from './workloads';

interface OwnWorkload {
  /** What `--set` may change. */
  readonly fields: readonly string[];
  /** Each `test/bench/<workload>/<peer>.mjs`. */
  readonly peers: readonly PeerName[];
  make(scale: Scale, set: Readonly<Record<string, unknown>>): Workload;
}

export const ownWorkloads: ReadonlyMap<string, OwnWorkload> = new Map([
  ['mntsm', { fields, peers: ['jaxjs', 'tfjs'], make: makeMntsm }],
  ['rn50', { fields: rn50Fields, peers: ['jaxjs', 'tfjs'], make: makeRn50 }],
]);
