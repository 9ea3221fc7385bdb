// The list of a model's parts.
import { parseShardIndex } from '../../../src/formats/shards';
import type { FuzzTarget } from '../harness';

const index = {
  metadata: { total_size: 80 },
  weight_map: { 'a.weight': 'm-1.safetensors', 'b.weight': 'm-2.safetensors' },
};

const target: FuzzTarget = {
  name: 'shards',
  seeds: [new TextEncoder().encode(JSON.stringify(index))],
  tokens: ['"../x"', '"weight_map":', '"/etc"', '\\u0000', 'null'],
  parse: (bytes) => void parseShardIndex(new TextDecoder().decode(bytes), 'x'),
};
export default target;
