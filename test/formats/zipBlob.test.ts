// Archives that refer to their files: read back alike, of a size that is known before, and past 4 GB.
import { unzipSync } from 'fflate';
import { expect, it } from 'vitest';
import { crc32 } from '../../src/formats/crc32';
import { zipBlob, zippedBytes, ZipLayout } from '../../src/formats/zipBlob';
import { readDirectory, type ZipItem } from '../../src/formats/zipDirectory';
import { unzipFolder } from '../../src/formats/zipFolder';

const files = [
  { path: 'runs/quiet-heron/record.json', blob: new Blob(['{}']) },
  { path: 'runs/车辆/empty', blob: new Blob([]) },
  { path: 'runs/quiet-heron/steps.bin', blob: new Blob([new Uint8Array(5_000_000).map((_, i) => i * 7)]) },
];

it('gives back every file, by its own reader and by another', async () => {
  const archive = await zipBlob(files);
  const read = await unzipFolder(archive, 'x.zip', () => true);
  expect(read.map(({ path }) => path)).toEqual(files.map(({ path }) => path));
  for (const [i, { blob }] of read.entries())
    expect(Buffer.from(await blob.arrayBuffer()).equals(Buffer.from(await files[i]!.blob.arrayBuffer()))).toBe(true);
  const other = unzipSync(new Uint8Array(await archive.arrayBuffer()));
  expect(Object.keys(other)).toEqual(files.map(({ path }) => path));
});

it('says its size before, to the byte, and how far it is', async () => {
  const told: [number, number][] = [];
  const archive = await zipBlob(files, (_, done, total) => told.push([done, total]));
  expect(archive.size).toBe(zippedBytes(files));
  expect(told.at(-1)).toEqual([5_000_002, 5_000_002]);
});

it('has 64-bit numbers where a file, or its place, is past 4 GB', () => {
  const layout = new ZipLayout();
  const large = 5_000_000_000;
  const parts: { at: number; bytes: Uint8Array }[] = [];
  const add = (path: string, bytes: number, crc: number) =>
    parts.push({ at: layout.bytes, bytes: layout.add(path, bytes, crc) });
  const small = new TextEncoder().encode('x');
  add('large', large, 7);
  add('small', 1, crc32(small));
  const end = Buffer.concat(layout.directory());
  const archiveBytes = layout.bytes + end.length;
  parts.push({ at: layout.bytes, bytes: end });
  const reading = readDirectory(archiveBytes, 'x.zip');
  let next = reading.next();
  while (!next.done) {
    const { begin, end: until } = next.value;
    const bytes = new Uint8Array(until - begin);
    for (const part of parts)
      for (let i = 0; i < part.bytes.length; i++)
        if (part.at + i >= begin && part.at + i < until) bytes[part.at + i - begin] = part.bytes[i]!;
    next = reading.next(bytes);
  }
  const items: ZipItem[] = next.value;
  expect(items.map(({ name, bytes, crc }) => [name, bytes, crc])).toEqual([
    ['large', large, 7],
    ['small', 1, crc32(small)],
  ]);
  expect(items[1]!.localHeader).toBe(parts[1]!.at);
});
