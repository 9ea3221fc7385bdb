// Archives as dropped folders: directory, headers and inflated bytes, without the reading of a Blob around them.
import { zipSync } from 'fflate';
import { readBytes } from '../../../src/formats/reading';
import { unpack } from '../../../src/formats/zip';
import { packedRange, readDirectory } from '../../../src/formats/zipDirectory';
import { asZip64 } from '../../formats/torchFiles';
import type { FuzzTarget } from '../harness';

const text = new TextEncoder().encode('a line of text\n'.repeat(20));
const two = zipSync({ 'a.txt': text, 'b/c.txt': text });

const target: FuzzTarget = {
  name: 'zip',
  seeds: [two, asZip64(two), zipSync({ 'a.txt': text }, { level: 0 })],
  tokens: ['PK\x01\x02', 'PK\x03\x04', 'PK\x05\x06', 'PK\x06\x06', '../', 'C:'],
  parse(bytes) {
    for (const item of readBytes(bytes, readDirectory(bytes.length, 'x.zip'))) {
      const { begin, end } = readBytes(bytes, packedRange(item, bytes.length, item.name));
      unpack(bytes.slice(begin, end), item, item.name);
    }
  },
};
export default target;
