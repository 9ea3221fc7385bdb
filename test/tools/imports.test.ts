// The lint rule for import directions: what it allows and what it refuses.
import { ESLint } from 'eslint';
import ts from 'typescript-eslint';
import { describe, expect, test } from 'vitest';

const eslint = new ESLint({
  overrideConfig: ts.configs.disableTypeChecked as ESLint.Options['overrideConfig'] & object,
});
const rule = '@typescript-eslint/no-restricted-imports';

async function refused(filePath: string, code: string): Promise<boolean> {
  const [result] = await eslint.lintText(code, { filePath });
  return result!.messages.some((message) => message.ruleId === rule);
}

describe('imports point one way', () => {
  test.each([
    ['src/engine/ops/softmax.ts', `import { a } from '../../layers/linear';`],
    ['src/engine/graph/graph.ts', `import type { A } from '../../training/protocol';`],
    ['src/layers/linear.ts', `import { a } from '../models/task';`],
    ['src/formats/npy.ts', `import { a } from '../annotations/bvh';`],
    ['src/ui/state/workbench.svelte.ts', `import { a } from '../../engine/device/adapter';`],
    ['src/ui/screens/train.ts', `import type { A } from '../../engine/graph/graph';`],
    ['src/ui/screens/train.ts', `import '../../../workers/train?worker';`],
    ['src/ui/state/trainRemote.ts', `import '../../../workers/train';`],
    ['src/training/session.ts', `import '../../workers/train';`],
    ['src/training/session.ts', `import { task } from '../models/pose/task';`],
    ['src/runs/report.ts', `import { a } from '../training/session';`],
    ['src/models/pose/model.ts', `import { a } from '../adatad/model';`],
    ['src/models/pose/task.ts', `import { a } from '../../engine/graph/graph';`],
    ['src/models/pose/View.svelte', `<script lang="ts">import { a } from '../../engine/graph/graph';</script>`],
    ['src/models/pose/model.ts', `import { a } from '../../ui/tasks';`],
    ['src/errors.ts', `import { a } from './formats/npy';`],
    ['workers/train.ts', `import { a } from '../src/ui/tasks';`],
  ])('%s may not: %s', async (path, code) => {
    expect(await refused(path, code)).toBe(true);
  });

  test.each([
    ['src/engine/ops/softmax.ts', `import { a } from '../graph/graph'; import { b } from '../../errors';`],
    ['src/layers/linear.ts', `import { a } from '../engine/ops/matmul';`],
    ['src/training/session.ts', `import type { A } from '../models/task';`],
    ['src/runs/report.ts', `import type { A } from '../training/protocol';`],
    ['src/models/pose/model.ts', `import { a } from '../../layers/linear'; import { b } from './loss';`],
    ['src/models/pose/task.ts', `import type { Task } from '../task';`],
    ['src/models/pose/View.svelte', `<script lang="ts">import { a } from '../../ui/player/orbit';</script>`],
    ['src/ui/state/trainRemote.ts', `import '../../../workers/train?worker';`],
    ['workers/train.ts', `import { a } from '../src/training/session';`],
  ])('%s may: %s', async (path, code) => {
    expect(await refused(path, code)).toBe(false);
  });
});
