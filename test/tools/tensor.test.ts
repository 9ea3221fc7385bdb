// The listing of a file of weights.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { writeSafetensors } from '../../src/formats/safetensors';
import { floatNpy, npzFile } from '../formats/npyText';
import { called, legacyPth, named, tensor, zipPth } from '../formats/torchFiles';
import { main } from '../../tools/tensor';

const folder = mkdtempSync(join(tmpdir(), 'tabtune-tensor-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function listed(bytes: Uint8Array, ...options: string[]): Promise<{ code: number; lines: string[] }> {
  const path = join(folder, 'file');
  writeFileSync(path, bytes);
  const lines: string[] = [];
  const code = await main([path, ...options], (line) => lines.push(line.replace(path, 'file')));
  return { code, lines };
}

const values = Float32Array.of(0.1, -2, 1e-7, 3.25, 5, 6);
const weight = { key: '0', type: 'Float', count: 6, shape: [2, 3] };

it('shows name, type, shape and first values of .safetensors', async () => {
  const bytes = writeSafetensors(
    new Map([
      ['count', { dtype: 'I64' as const, shape: [], data: BigInt64Array.of(12n) }],
      ['fc.weight', { dtype: 'F32' as const, shape: [2, 3], data: values }],
      ['fc.half', { dtype: 'F16' as const, shape: [2], data: Uint16Array.of(0x3c00, 0xc000) }],
    ]),
    { format: 'pt' },
  );
  expect(await listed(bytes)).toEqual({
    code: 0,
    lines: [
      `file: safetensors, 3 tensors, ${bytes.length} bytes`,
      '  format: pt',
      'count      I64  []      12',
      'fc.weight  F32  [2, 3]  0.1 -2 1e-7 3.25 …',
      'fc.half    F16  [2]     1 -2',
    ],
  });
});

it.each([
  ['.pth', zipPth({ model: { w: tensor(weight) }, args: called(named('argparse', 'Namespace')) }, { 0: values })],
  ['old .pth', legacyPth({ model: { w: tensor({ ...weight, legacy: true }) } }, { 0: values }, { 0: 6 })],
])('shows the dicts of %s', async (_, bytes) => {
  const { lines } = await listed(bytes, '--only', 'w', '--values', '2');
  expect(lines.at(-1)).toBe('model > w  F32  [2, 3]  0.1 -2 …');
});

it('shows the arrays of .npz and .npy', async () => {
  const array = floatNpy([2], (i) => i);
  expect((await listed(npzFile({ a: array }))).lines.at(-1)).toBe('a  F32  [2]  0 1');
  expect((await listed(array)).lines.at(-1)).toBe('file  F32  [2]  0 1');
});

it('says in a sentence what is wrong with another file', async () => {
  const { code, lines } = await listed(new TextEncoder().encode('<!doctype html>'));
  expect(code).toBe(1);
  expect(lines).toEqual(['This is a web page, not the file itself; download it again from its download link (file)']);
});
