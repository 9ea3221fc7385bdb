// The weakly supervised head against recorded values: outputs, losses, gradients.
import { zeros } from '../../../src/engine/graph/parameters';
import { sigmoid } from '../../../src/engine/ops/activation';
import { subtract } from '../../../src/engine/ops/arithmetic';
import { softmax } from '../../../src/engine/ops/softmax';
import { slice } from '../../../src/engine/ops/view';
import { milHead } from '../../../src/models/fgclip-vad/milHead';
import { milLoss } from '../../../src/models/fgclip-vad/milLoss';
import { worstOf, type GoldenResult } from '../../helpers/golden';
import type { OpenDevice } from '../group';
import { compareGradients, compareKeys, compareToLargest, recordedOf } from '../../helpers/recorded';
import type { Recording } from '../../helpers/recording';
import { traceLoss } from '../../helpers/traceLoss';
import { validSlots } from './fixture';

interface UpstreamConfig {
  readonly w: number;
  readonly layers: number;
  readonly heads: number;
  readonly T: number;
  readonly window: number;
  readonly B: number;
  readonly C: number;
}

const TEXTS = 'input_text';

export async function* milCases(file: Recording, device: OpenDevice): AsyncIterable<GoldenResult> {
  const recorded = recordedOf(file);
  const { w, layers, heads, T, window, B, C } = recorded.json('config') as UpstreamConfig;
  // The texts are an input there whose gradient is recorded as well.
  const weight = (key: string): Float32Array => (key === TEXTS ? recorded.floats('input.text') : recorded.weight(key));
  const traced = await traceLoss(await device(), { weight }, (p, graph) => {
    const texts = p.weight(TEXTS, [C, w], zeros);
    const [labels, mask] = [graph.input('labels', [B, C]), graph.input('mask', [B, T])];
    const output = milHead(p, graph.input('frames', [B, T, w]), texts, mask, { layers, heads, window, frames: T });
    const { total, parts } = milLoss(output, texts, labels, mask);
    return {
      logits1: output.binary,
      logits2: output.classes,
      visual: output.visual,
      prob1: sigmoid(output.binary),
      prob2: subtract(1, slice(softmax(output.classes), 2, 0, 1)),
      ...Object.fromEntries(parts),
      loss: total,
    };
  });
  traced.write({
    frames: recorded.floats('input.features'),
    labels: recorded.floats('input.labels'),
    mask: validSlots(recorded.floats('input.lengths'), T),
  });
  traced.run();
  const results: GoldenResult[] = [];
  for (const key of recorded.names.filter((one) => one.startsWith('output.')))
    results.push(compareToLargest(key, await traced.read(key.slice('output.'.length)), recorded.floats(key), 1e-4));
  for (const key of ['binary', 'align', 'text'])
    results.push(compareToLargest(key, await traced.read(key), recorded.floats(`loss.${key}`), 1e-4));
  results.push(compareToLargest('total', await traced.read('loss'), recorded.floats('loss.total'), 1e-4));
  yield worstOf('outputs and losses', results);
  yield worstOf('gradients', compareGradients(recorded, await traced.gradients(), 1e-3));
  yield compareKeys('names', recorded, new Map([...traced.shapes].filter(([key]) => key !== TEXTS)));
  traced.dispose();
}
