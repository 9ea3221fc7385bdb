// Lists of videos with anomalous frames and boxes in JSON.
import { parseAnomalyList } from '../../../src/annotations/anomalyList';
import { anomalyList } from '../../annotations/anomalyTexts';
import type { FuzzTarget } from '../harness';

const target: FuzzTarget = {
  name: 'anomalyList',
  seeds: [anomalyList, anomalyList.slice(0, 1)].map((value) => new TextEncoder().encode(JSON.stringify(value))),
  tokens: ['"boxes":', '"anomaly_frames":', '[0,1]', 'null', '{}', '[]', ','],
  parse: (bytes) => void parseAnomalyList(new TextDecoder().decode(bytes), 'a.json'),
};
export default target;
