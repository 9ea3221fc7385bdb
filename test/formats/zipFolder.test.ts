// Archives unpacked as files: stored and deflated ones, names of any system, and those made to do harm.
import { deflateSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors';
import { unzipFolder, ZipInflater } from '../../src/formats/zipFolder';
import { mutate } from '../fuzz/mutate';
import { seededRandom } from '../../src/samples/seededRandom';
import { asZip64 } from './torchFiles';

const bytes = (text: string) => new TextEncoder().encode(text);
const all = () => true;
const open = (archive: Uint8Array<ArrayBuffer>, wanted: (path: string) => boolean = all) =>
  unzipFolder(new Blob([archive]), 'x.zip', wanted);
const long = 'a line of text that repeats itself\n'.repeat(20_000);

/** The archive with every directory entry changed by `edit`, which gets the place of the entry. */
function edited(
  archive: Uint8Array<ArrayBuffer>,
  edit: (view: DataView, at: number, index: number) => void,
): Uint8Array<ArrayBuffer> {
  const out = archive.slice();
  const view = new DataView(out.buffer);
  let index = 0;
  for (let at = 0; at + 46 <= out.length; at++) if (view.getUint32(at, true) === 0x02014b50) edit(view, at, index++);
  return out;
}

describe('an archive of files', () => {
  it('gives stored and deflated files, folders left out', async () => {
    const archive = zipSync({ a: { 'b.txt': [bytes('stored'), { level: 0 }], 'c.txt': bytes(long), d: {} } });
    const files = await open(archive);
    expect(files.map(({ path }) => path)).toEqual(['a/b.txt', 'a/c.txt']);
    expect(await Promise.all(files.map(({ blob }) => blob.text()))).toEqual(['stored', long]);
    expect((await open(archive, (path) => path.endsWith('b.txt'))).map(({ path }) => path)).toEqual(['a/b.txt']);
  });

  it('may have names in GBK, as Chinese Windows writes them', async () => {
    // fflate writes UTF-8 and says so: the four letters are replaced by the four bytes of a name in GBK.
    const archive = zipSync({ 'abcd.txt': bytes('x') });
    for (let at = 0; at < archive.length; at++)
      if (archive.subarray(at, at + 4).every((byte, i) => byte === 0x61 + i)) archive.set([0xb3, 0xb5, 0xc1, 0xbe], at);
    expect((await open(archive)).map(({ path }) => path)).toEqual(['车辆.txt']);
  });

  it('may have the 64-bit numbers of large archives', async () => {
    const files = await open(asZip64(zipSync({ 'a.txt': bytes(long) })));
    expect(await files[0]?.blob.text()).toBe(long);
  });

  const small = () => zipSync({ 'a.txt': bytes(long) });
  const two = zipSync({ 'a.txt': bytes(long), 'b.txt': bytes(long) });
  it.each([
    ['something else', bytes('hello'), 'zip-broken'],
    ['nothing', new Uint8Array(0), 'zip-broken'],
    ['a cut archive', small().slice(20), 'zip-broken'],
    ['a path out of it', zipSync({ '../a.txt': bytes('a') }), 'zip-path'],
    ['a path from the root', zipSync({ '/a.txt': bytes('a') }), 'zip-path'],
    ['a path on a drive', zipSync({ 'C:\\a.txt': bytes('a') }), 'zip-path'],
    [
      'a file that is longer than it says',
      edited(small(), (view, at) => view.setUint32(at + 24, 1000, true)),
      'zip-broken',
    ],
    [
      'a file that is shorter than it says',
      edited(small(), (view, at) => view.setUint32(at + 24, 800_000, true)),
      'zip-broken',
    ],
    ['a wrong checksum', edited(small(), (view, at) => view.setUint32(at + 16, 1, true)), 'zip-broken'],
    ['a file that is elsewhere', edited(small(), (view, at) => view.setUint32(at + 42, 7, true)), 'zip-broken'],
    ['files that share their bytes', edited(two, (view, at) => view.setUint32(at + 42, 0, true)), 'zip-bomb'],
    ['a bomb', edited(small(), (view, at) => view.setUint32(at + 24, 4_000_000_000, true)), 'zip-bomb'],
    ['a password', edited(small(), (view, at) => view.setUint16(at + 8, 1, true)), 'zip-encrypted'],
    ['another method', edited(small(), (view, at) => view.setUint16(at + 10, 12, true)), 'zip-method'],
  ])('is refused: %s', async (_, archive, code) => {
    await expect(open(archive)).rejects.toMatchObject({ name: 'UserError', code });
  });

  it('stops inflating where the directory says that a file ends', async () => {
    const zeros = zipSync({ a: new Uint8Array(50_000_000) });
    const false100 = edited(zeros, (view, at) => view.setUint32(at + 24, 100, true));
    const before = process.memoryUsage().arrayBuffers;
    await expect(open(false100)).rejects.toMatchObject({ code: 'zip-broken' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40_000_000);
  });
});

describe('a large file of an archive', () => {
  const zeros = zipSync({ a: new Uint8Array(20_000_000) }, { level: 1 });

  it('streams', async () => {
    const [file] = await open(zeros);
    expect(file?.blob.size).toBe(20_000_000);
  });

  it.each([
    ['longer', edited(zeros, (view, at) => view.setUint32(at + 24, 19_000_000, true))],
    ['shorter', edited(zeros, (view, at) => view.setUint32(at + 24, 21_000_000, true))],
    ['another', edited(zeros, (view, at) => view.setUint32(at + 16, 1, true))],
  ])('is refused when it is %s than its directory says', async (_, archive) => {
    await expect(open(archive)).rejects.toMatchObject({ name: 'UserError', code: 'zip-broken' });
  });

  const item = { name: 'a', method: 'deflate', crc: 0, packedBytes: 0, bytes: 100, localHeader: 0 } as const;

  it('is stopped where it grows beyond its length', () => {
    const packed = deflateSync(new Uint8Array(50_000_000));
    const before = process.memoryUsage().arrayBuffers;
    expect(() => new ZipInflater(item, 'a').push(packed, true)).toThrow(/damaged/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(40_000_000);
  });

  it('may be damaged in any way', () => {
    const packed = deflateSync(bytes(long));
    const random = seededRandom(1);
    for (let i = 0; i < 500; i++) {
      const inflater = new ZipInflater({ ...item, bytes: long.length }, 'a');
      expect(() => inflater.push(mutate(packed, random), true)).toThrow(UserError);
    }
  });
});
