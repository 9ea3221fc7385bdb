// Trials of kernels: timed by the GPU's own stamps where it has some, else by the clock on the wall.
import { afterEach, expect, it } from 'vitest';
import { targetOf } from '../../../src/engine/device/adapter';
import { timeCalls } from '../../../src/engine/device/kernelTime';
import { passTimer } from '../../../src/engine/device/passTimer';
import { Pipelines } from '../../../src/engine/device/pipelines';
import { Graph } from '../../../src/engine/graph/graph';
import { matmul } from '../../../src/engine/ops/matmul';
import { planProgram } from '../../../src/engine/passes/plan';
import { openDevice } from '../../helpers/gpu';

let device: GPUDevice | undefined;
afterEach(() => device?.destroy());

function product(size: number) {
  const graph = new Graph();
  const y = matmul(graph.input('a', [size, size]), graph.input('b', [size, size]));
  return planProgram({ name: 'product', graph, results: new Map([['y', y]]) }, targetOf(device!, true));
}

it.each([{ without: [] }, { without: ['timestamp-query'] as const }])(
  'tells long from short: %o',
  async ({ without }) => {
    ({ device } = await openDevice({ without }));
    expect(passTimer(device) === null).toBe(!device.features.has('timestamp-query'));
    const pipelines = new Pipelines(device);
    const times: number[] = [];
    for (const size of [16, 256]) {
      const { calls, half } = product(size);
      const started = performance.now();
      times.push(await timeCalls(device, pipelines, calls, half));
      // What one run takes is a part of what the trial took.
      expect(times.at(-1)).toBeLessThan(performance.now() - started);
    }
    const [short, long] = times as [number, number];
    expect(short).toBeGreaterThan(0);
    // 4,096 times the multiplications.
    expect(long).toBeGreaterThan(short);
  },
);
