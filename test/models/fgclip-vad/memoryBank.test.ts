// The queue of earlier regions: what it holds after some batches, from when on it counts, and the loss with it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { clipContrastive } from '../../../src/losses/contrastive';
import { memoryBank, pushIntoBank } from '../../../src/models/fgclip-vad/memoryBank';
import { openDevice } from '../../helpers/gpu';
import { hashValues } from '../../helpers/hashValues';
import { traceLoss, type TracedLoss } from '../../helpers/traceLoss';

const [regions, features, entries, warmUp] = [3, 4, 5, 2];
const buffers = {
  region_image_queue: features * entries,
  region_text_queue: features * entries,
  queue_ptr: 1,
  queue_is_full: 1,
  training_steps: 1,
};

/** Rows of length 1. */
function rows(name: string, count = regions): number[][] {
  const values = hashValues(name, count * features);
  return Array.from({ length: count }, (_, k) => {
    const row = [...values.subarray(k * features, (k + 1) * features)];
    const length = Math.hypot(...row);
    return row.map((one) => one / length);
  });
}

/** Mean over both directions of −log of the right one among the batch's valid rows and the queue's. */
function lossOf(images: number[][], texts: number[][], queue: { images: number[][]; texts: number[][] }): number {
  const scale = Math.exp(1.5);
  const dot = (a: number[], b: number[]): number => a.reduce((sum, one, k) => sum + one * b[k]!, 0);
  const direction = (from: number[][], to: number[][], more: number[][]): number =>
    from.reduce((sum, row, k) => {
      const logits = [...to, ...more].map((other) => scale * dot(row, other));
      return sum + Math.log(logits.reduce((total, one) => total + Math.exp(one), 0)) - logits[k]!;
    }, 0) / from.length;
  return (direction(images, texts, queue.texts) + direction(texts, images, queue.images)) / 2;
}

describe('memoryBank', () => {
  let traced: TracedLoss;
  let device: GPUDevice;

  beforeAll(async () => {
    ({ device } = await openDevice());
    traced = await traceLoss(
      device,
      { weight: (name) => new Float32Array(buffers[name as keyof typeof buffers]) },
      (p, graph) => {
        const pairs = {
          regions: graph.input('images', [regions, features]),
          regionCaptions: graph.input('texts', [regions, features]),
          regionValid: graph.input('valid', [regions]),
        };
        const bank = memoryBank(p, features, { entries, warmUp });
        const loss: Tensor = clipContrastive(pairs.regions, pairs.regionCaptions, graph.scalar(1.5), {
          valid: pairs.regionValid,
          bank,
        });
        pushIntoBank(p, pairs, { entries, warmUp });
        return { value: loss, filled: bank.filled };
      },
    );
  });
  afterAll(() => {
    traced.dispose();
    device.destroy();
  });

  it('keeps the newest pairs, goes round, and counts once the warm-up is over', async () => {
    let queue: { image: number[]; text: number[] }[] = [];
    for (const [batch, valid] of [
      [1, 1, 0],
      [1, 0, 1],
      [1, 1, 1],
      [0, 0, 0],
      [0, 1, 0],
      [1, 1, 1],
    ].entries()) {
      const [images, texts] = [rows(`image ${batch}`), rows(`text ${batch}`)];
      traced.write({
        images: Float32Array.from(images.flat()),
        texts: Float32Array.from(texts.flat()),
        valid: Float32Array.from(valid),
      });
      traced.run();
      const counted = [0, 1, 2].filter((k) => valid[k] === 1);
      const held = batch >= warmUp ? queue : [];
      const pick = (all: number[][]): number[][] => counted.map((k) => all[k]!);
      const [got] = await traced.read('value');
      const known = { images: held.map(({ image }) => image), texts: held.map(({ text }) => text) };
      expect(got).toBeCloseTo(counted.length === 0 ? 0 : lossOf(pick(images), pick(texts), known), 5);
      const updates = await traced.updates();
      for (const [name, value] of updates) traced.setWeight(name, value);
      queue = [...queue, ...counted.map((k) => ({ image: images[k]!, text: texts[k]! }))].slice(-entries);
      const stored = updates.get('region_image_queue')!;
      const columns = Array.from({ length: entries }, (_, k) =>
        Array.from({ length: features }, (_row, d) => stored[d * entries + k]!),
      );
      for (const { image } of queue)
        expect(columns.some((column) => column.every((one, d) => Math.abs(one - image[d]!) < 1e-6))).toBe(true);
    }
    expect([...(await traced.updates()).get('queue_is_full')!]).toEqual([1]);
  });
});
