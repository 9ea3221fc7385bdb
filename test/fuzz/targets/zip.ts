// Archives as dropped folders: directory, headers and inflated bytes, without the reading of a Blob around them.
import { zipSync } from 'fflate';
import { findDirectory, readDirectory, refuseExplosion, startOfBytes } from '../../../src/formats/zip';
import { ZipInflater } from '../../../src/formats/zipFolder';
import type { FuzzTarget } from '../harness';

const text = new TextEncoder().encode('a line of text\n'.repeat(20));

const target: FuzzTarget = {
  name: 'zip',
  seeds: [zipSync({ 'a.txt': text, 'b/c.txt': text }), zipSync({ 'a.txt': text }, { level: 0 })],
  tokens: ['PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06', '../', 'C:'],
  parse(bytes) {
    const { offset, count, end } = findDirectory(bytes, 'x.zip');
    const records = readDirectory(bytes.subarray(offset, end), count, 'x.zip');
    refuseExplosion(records, bytes.length, 'x.zip');
    for (const record of records) {
      const start = startOfBytes(bytes.subarray(record.localHeader, record.localHeader + 30), record, record.name);
      if (record.method === 8)
        new ZipInflater(record, record.name).push(bytes.subarray(start, start + record.packedBytes), true);
    }
  },
};
export default target;
