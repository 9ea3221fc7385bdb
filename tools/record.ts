// `npm run record`: judges the example of a task's demo with weights and keeps the result beside the task, for browsers without WebGPU.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { JudgedResult } from '../src/training/judging/judgedResult';
import { openModulePage } from './checkVideo';
import { exitStatus, readArguments, UsageError } from './commandLine';
import type { makeExample } from './recordPage';
import { main as tryFiles } from './try';

const usage = `usage: npm run record -- --task NAME --weights FILE
  --task NAME        whose demo; the result goes to src/models/NAME/recorded.json
  --weights FILE     the demo's best weights, from npm run demo -- --task NAME --weights-out FILE
  --help             only show this`;

export function main(args: readonly string[]): Promise<number> {
  return exitStatus(() => record(args));
}

async function record(args: readonly string[]): Promise<number> {
  const options = {
    task: { type: 'string' },
    weights: { type: 'string' },
    help: { type: 'boolean', default: false },
  } as const;
  const { values } = readArguments(args, usage, options);
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const { task, weights } = values;
  if (task === undefined || weights === undefined) throw new UsageError(usage);
  const folder = mkdtempSync(join(tmpdir(), 'tabtune-record-'));
  try {
    const file = await writeExample(folder, task);
    const json = join(folder, 'results.json');
    const status = await tryFiles(['--task', task, '--weights', resolve(weights), '--json', json, file]);
    if (status !== 0) return status;
    const [result] = JSON.parse(readFileSync(json, 'utf8')) as JudgedResult[];
    const path = join('src', 'models', task, 'recorded.json');
    // Whose browser judged it when does not matter.
    const kept = { ...result!, resultId: `recorded ${task}`, by: { ...result!.by, name: 'demo' } };
    writeFileSync(path, `${JSON.stringify(kept)}\n`);
    console.log(`the result is in ${path}`);
    return 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function writeExample(folder: string, task: string): Promise<string> {
  const { page, close } = await openModulePage(folder, '/tools/recordPage.ts');
  try {
    const { path, content } = await page.evaluate(async (name) => {
      const { tool } = globalThis as unknown as { tool: { makeExample: typeof makeExample } };
      return await tool.makeExample(name);
    }, task);
    const file = join(folder, basename(path));
    writeFileSync(file, Buffer.from(content, 'base64'));
    return file;
  } finally {
    await close();
  }
}
