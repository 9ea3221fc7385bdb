// The recorded results that come with the page: one for each task, small, and of the task's own metric.
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { readBundle } from '../../src/formats/plainBundle';
import type { Recording } from '../../src/ui/recorded/recording';
import { tasks } from '../../src/ui/tasks';

const mostBytes = 80 * 1024;

test.each(tasks)('$name has one', async ({ name, metric }) => {
  const file = new Uint8Array(await readFile(`src/models/${name}/recorded.bundle`));
  expect(file.length).toBeLessThan(mostBytes);
  const { recordedAt, adapter, result, views } = (await readBundle(file)) as Recording;
  expect(result.metricName).toBe(metric.name);
  const { before, after } = result;
  expect(metric.better === 'lower' ? before - after : after - before).toBeGreaterThan(0);
  expect(views).toMatchObject({ before: { kind: name }, after: { kind: name } });
  expect(adapter).not.toBe('');
  expect(recordedAt).toBeGreaterThan(Date.UTC(2026, 0));
});
