// Names of wrapped models: what wrappers put in comes off where the model fits without it, strays stay and cost nothing.
import { expect, it } from 'vitest';
import { fitNames } from '../../../src/training/weights/fitNames';

const model = new Set(['backbone.conv.weight', 'backbone.conv.bias', 'head.weight', 'head.bias']);
const wrapped = (name: (own: string) => string, ...strays: readonly string[]) => [...[...model].map(name), ...strays];

it.each([
  ['DataParallel twice', wrapped((own) => `module.module.${own}`), []],
  ['FSDP inside', wrapped((own) => own.replace('.', '._fsdp_wrapped_module._checkpoint_wrapped_module.')), []],
  ['Fabric around torch.compile', wrapped((own) => `_forward_module._orig_mod.${own}`, 'epoch'), ['epoch']],
  [
    'Lightning with a loss',
    wrapped((own) => `model.${own}`, 'criterion.weight', 'n_averaged'),
    ['criterion.weight', 'n_averaged'],
  ],
  ['a teacher beside the student', wrapped((own) => `student.${own}`, 'teacher.head.weight'), ['teacher.head.weight']],
  ['nothing', wrapped((own) => own, 'module.weight'), ['module.weight']],
  ['a part of the model alone', ['net.module.head.weight', 'net.module.head.bias'], []],
])('%s', (_, names, strays) => {
  const fitted = fitNames(names, (name) => model.has(name));
  expect(fitted).toHaveLength(names.length);
  expect(fitted.filter((name) => !model.has(name))).toEqual(strays);
});
