// Winners of tuning that come with the program, by family of adapters; `npm run tune` measures and writes them.
import type { AdapterFacts } from './adapter';
import type { Winners } from './tuning';

type AdapterName = Pick<AdapterFacts, 'vendor' | 'architecture' | 'description' | 'features'>;

/** One file of `shipped/`, named after its family. */
export interface ShippedTable {
  /** When and on what. */
  readonly measured: string;
  readonly adapter: AdapterName & Pick<GPUAdapterInfo, 'subgroupMinSize' | 'subgroupMaxSize'>;
  /** Workloads of the bench and tasks whose kernels ask for these winners. */
  readonly subjects: readonly string[];
  readonly winners: Readonly<Record<string, string>>;
}

const files = import.meta.glob<ShippedTable>('./shipped/*.json', { eager: true, import: 'default' });

/** All tables by family. */
export const shippedTables: ReadonlyMap<string, ShippedTable> = new Map(
  Object.entries(files).map(([path, table]) => [path.replace(/^.*\/|\.json$/g, ''), table]),
);

/** Winners for adapters like this one; none where nobody measured any. */
export function shippedWinners(adapter: AdapterName): Winners {
  const table = shippedTables.get(familyOf(adapter) ?? '');
  return new Map(Object.entries(table?.winners ?? {}));
}

/**
 * Adapters that share their winners, as the name of a file; undefined where the adapter does not say what it is.
 * Browsers leave out the description, so vendor and architecture have to do.
 */
export function familyOf({ vendor, architecture, description, features }: AdapterName): string | undefined {
  const text = `${vendor} ${architecture} ${description}`.toLowerCase();
  // Chromium takes any driver that lies in its SwiftShader's place for SwiftShader, which itself has no f16.
  if (text.includes('swiftshader')) return features.includes('shader-f16') ? 'lavapipe' : 'swiftshader';
  if (/llvmpipe|lavapipe|^mesa software/.test(text)) return 'lavapipe';
  if (vendor === '' || architecture === '') return undefined;
  return `${vendor}-${architecture}`.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}
