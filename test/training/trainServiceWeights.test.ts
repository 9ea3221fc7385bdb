// Chosen weights are held against the model by names and shapes, before anything is read, compiled or trained.
import { expect, it } from 'vitest';
import { writeSafetensors } from '../../src/formats/safetensors';
import { runtime } from '../../src/models/pose/runtime';
import { task } from '../../src/models/pose/task';
import { memoryCheckpoints, memoryRuns } from '../../src/runs/memoryStores';
import type { NamedTensor } from '../../src/training/runtime';
import { predictionShapes } from '../../src/training/trainer/planTraining';
import { TrainService } from '../../src/training/trainService';
import { presetSettings } from '../../src/ui/config/settingValues';

const noDevice = () => Promise.reject(new Error('nothing of this needs a device'));
const service = new TrainService({
  tasks: [task],
  loadRuntime: () => Promise.resolve(runtime),
  devices: { open: noDevice, measure: noDevice },
  createTrainer: noDevice,
  checkpoints: memoryCheckpoints(),
  runs: memoryRuns(),
  whileTraining: (work) => work(),
  onListenerError: () => undefined,
});

it('counts what fits, and says why another size does not', async () => {
  const settings = presetSettings(task, 'demo');
  const shapes = [...predictionShapes(runtime.model(settings, {}))].filter(([, shape]) => shape.length > 0);
  const tensors = shapes.slice(1).map(([name, shape]): [string, NamedTensor] => {
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    return [name, { dtype: 'F32', shape, data }];
  });
  const files = [{ path: 'w.safetensors', blob: new Blob([writeSafetensors(new Map(tensors))]) }];
  const report = await service.matchWeights('pose', settings, files);
  expect(report!.matched).toEqual(tensors.map(([name]) => name));
  expect(report!.initial).toContain(shapes[0]![0]);
  await expect(
    service.matchWeights('pose', { ...settings, width: 64, representation: 128 }, files),
  ).rejects.toMatchObject({
    code: 'weights-other-model',
  });
});
