// The check of data on the command line: what it writes, and how it ends, for labels alone and for a task.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { cocoText } from '../annotations/vocText';
import { skeletonText } from '../annotations/bvhText';
import { main, type CheckedData } from '../../tools/checkData';

const root = mkdtempSync(join(tmpdir(), 'tabtune-check-'));
afterAll(() => rmSync(root, { recursive: true }));
let made = 0;

async function checked(files: Readonly<Record<string, string>>, ...options: string[]) {
  const folder = join(root, String(made++));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, 'set', path)), { recursive: true });
    writeFileSync(join(folder, 'set', path), text);
  }
  const json = join(folder, 'out.json');
  const lines: string[] = [];
  const code = await main([join(folder, 'set'), '--json', json, ...options], (line) => lines.push(line));
  return { code, lines, result: JSON.parse(readFileSync(json, 'utf8')) as CheckedData };
}

it('says what is found and usable of labels, item by item', async () => {
  const { code, lines, result } = await checked({ 'train.json': cocoText(), 'a.jpg': 'x', 'c.jpg': 'x' });
  expect(code).toBe(0);
  expect(result).toMatchObject({
    format: 'coco',
    found: 3,
    usable: 1,
    classes: ['bus', 'car'],
    counts: { 'train images': 1, 'missing files': 1 },
    unlearnable: 0,
    problems: [
      { code: 'label-missing-file', path: 'b.jpg' },
      { code: 'label-none', path: 'set/c.jpg' },
    ],
    items: [{ path: 'set/a.jpg', label: 'car', split: 'train' }],
  });
  expect(lines[0]).toBe('coco: 3 found, 1 usable, 2 remarks');
});

it('ends with 1 where nothing is usable, and says why', async () => {
  const { code, result } = await checked({ 'notes.txt': 'hello' });
  expect([code, result.usable, result.problems[0]!.code]).toEqual([1, 0, 'labels-unknown']);
  const missing = await checked({ 'train.json': cocoText() });
  expect([missing.code, missing.result.found]).toEqual([1, 2]);
});

it('is the check of the page for a task, and opens its videos', async () => {
  const faces = await checked({ 'real/a.mp4': 'x', 'fake/b.mp4': 'y' }, '--task', 'mntsm');
  expect([faces.code, faces.result.format, faces.result.found]).toEqual([1, 'face-folders', 2]);
  expect(faces.result.problems[0]!.code).toBe('video-format');
  const other = await checked({ 'train.json': cocoText(), 'a.jpg': 'x' }, '--task', 'mntsm');
  expect([other.code, other.result.problems[0]!.code]).toEqual([1, 'mntsm-labels']);
  const poses = await checked({ 'a_01.bvh': skeletonText(), 'b_01.bvh': skeletonText() }, '--task', 'pose');
  expect(poses.result.problems.length + poses.result.usable).toBeGreaterThan(0);
});

it.each([[['nowhere', 'else']], [['--task', 'none', '.']], [['--format', 'none', '.']], [[]]])(
  'takes no %j',
  async (args) => {
    expect(await main(args, () => undefined)).toBe(2);
  },
);
