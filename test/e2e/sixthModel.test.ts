// A model is one folder: copied into a scratch copy of the tree it is listed, type-checked, built and trained.
import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DemoResult } from '../../tools/demoRun.ts';

const copied = ['src', 'workers', 'tools', 'public', 'index.html', 'package.json', 'package-lock.json'];
const configs = ['vite.config.ts', 'svelte.config.js', 'tsconfig.json'];
let root = '';

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tabtune-model-'));
  for (const name of [...copied, ...configs]) cpSync(name, join(root, name), { recursive: true });
  cpSync('test/models/smallest', join(root, 'src/models/smallest'), { recursive: true });
  symlinkSync(resolve('node_modules'), join(root, 'node_modules'));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A command in the scratch tree: its exit status and what it printed. */
async function run(command: string, ...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(command, args, { cwd: root });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (said += part.toString()));
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, said };
}

test('is listed by the command line', async () => {
  const { code, said } = await run('node', 'tools/run.mjs', 'demo', '--task', 'none');
  expect(code).toBe(1);
  expect(said).toMatch(/tasks: pose, .*\bsmallest\./);
});

test('fits the types of the contract', async () => {
  const program = { extends: './tsconfig.json', include: ['src/models/smallest'] };
  writeFileSync(join(root, 'tsconfig.smallest.json'), JSON.stringify(program));
  expect(await run('npx', 'tsc', '--noEmit', '-p', 'tsconfig.smallest.json')).toEqual({ code: 0, said: '' });
});

test('trains in the built page', async () => {
  const { code, said } = await run('node', 'tools/run.mjs', 'demo', '--task', 'smallest', '--json', 'result.json');
  expect(said).toContain('report.md');
  expect(code).toBe(0);
  const result = JSON.parse(readFileSync(join(root, 'result.json'), 'utf8')) as DemoResult;
  expect(result.task).toBe('smallest');
  expect(result.metric.after).toBeLessThan(0.3 * result.metric.before);
});
