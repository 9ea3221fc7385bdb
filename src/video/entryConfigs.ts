// How the samples of an MP4's sample entry are decoded, by the record that the codec keeps there.
// ISO/IEC 14496-15, 5.3.3 (avcC), 8.3.3 (hvcC); VP Codec ISO Media File Format Binding (vpcC); AV1 in ISOBMFF (av1C).
import { child, type Box } from './mp4Boxes';

/** Bytes of a VisualSampleEntry before its boxes. */
export const entryHead = 78;

type Codec = (record: Uint8Array, name: string) => { readonly codec: string; readonly isDescription: boolean } | null;

const two = (value: number): string => String(value).padStart(2, '0');
const hex = (bytes: Uint8Array): string[] => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'));

const avc: Codec = (record, name) => {
  if (record.length < 7) return null;
  return { codec: `${name}.${hex(record.subarray(1, 4)).join('')}`, isDescription: true };
};

const hevc: Codec = (record, name) => {
  if (record.length < 23) return null;
  const [, profile = 0] = record;
  const space = ['', 'A', 'B', 'C'][profile >> 6]!;
  const tier = (profile & 32) === 0 ? 'L' : 'H';
  const flags = new DataView(record.buffer, record.byteOffset).getUint32(2);
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) if ((flags & (1 << bit)) !== 0) reversed += 2 ** (31 - bit);
  const limits = [...record.subarray(6, 12)];
  while (limits.length > 0 && limits.at(-1) === 0) limits.pop();
  const parts = [`${space}${profile & 31}`, reversed.toString(16), `${tier}${record[12]!}`];
  return {
    codec: [name, ...parts, ...limits.map((byte) => byte.toString(16).toUpperCase())].join('.'),
    isDescription: true,
  };
};

const vp9: Codec = (record) => {
  if (record.length < 7) return null;
  const [profile = 0, level = 0, depth = 0] = record.subarray(4);
  return { codec: `vp09.${two(profile)}.${two(level)}.${two(depth >> 4)}`, isDescription: false };
};

const av1: Codec = (record) => {
  if (record.length < 4) return null;
  const [, profile = 0, bits = 0] = record;
  const depth = (bits & 64) === 0 ? 8 : (bits & 32) === 0 ? 10 : 12;
  const tier = (bits & 128) === 0 ? 'M' : 'H';
  return { codec: `av01.${profile >> 5}.${two(profile & 31)}${tier}.${two(depth)}`, isDescription: false };
};

const codecs: ReadonlyMap<string, readonly [record: string, codec: Codec]> = new Map([
  ['avc1', ['avcC', avc]],
  ['avc3', ['avcC', avc]],
  ['hvc1', ['hvcC', hevc]],
  ['hev1', ['hvcC', hevc]],
  ['vp08', ['vpcC', () => ({ codec: 'vp8', isDescription: false })]],
  ['vp09', ['vpcC', vp9]],
  ['av01', ['av1C', av1]],
]);

/** How the samples of an entry are decoded; null for a codec that is not read, or a record that is none. */
export function configOf(movie: DataView, { name, start, end }: Box): VideoDecoderConfig | null {
  const [recordName, codecOf] = codecs.get(name) ?? [];
  if (recordName === undefined || codecOf === undefined) return null;
  const record = child(movie, start + entryHead, end, recordName);
  if (!record) return null;
  const bytes = new Uint8Array(movie.buffer, movie.byteOffset + record.start, record.end - record.start);
  const found = codecOf(bytes, name);
  return (
    found && {
      codec: found.codec,
      codedWidth: movie.getUint16(start + 24),
      codedHeight: movie.getUint16(start + 26),
      ...(found.isDescription && { description: bytes.slice() }),
      ...coloursOf(movie, { name, start, end }, recordName === 'vpcC' ? bytes : null),
    }
  );
}

// ITU-T H.273, tables 2 to 4, as far as WebCodecs has names; TypeScript knows fewer of them.
type Names = Readonly<Record<number, string>>;
const primaries: Names = { 1: 'bt709', 5: 'bt470bg', 6: 'smpte170m', 9: 'bt2020', 12: 'smpte432' };
const transfers: Names = { 1: 'bt709', 6: 'smpte170m', 8: 'linear', 13: 'iec61966-2-1', 16: 'pq', 18: 'hlg' };
const matrices: Names = { 0: 'rgb', 1: 'bt709', 5: 'bt470bg', 6: 'smpte170m', 9: 'bt2020-ncl' };

/** What the entry says of its colours, in a box of its own or in VP9's record. */
function coloursOf(
  movie: DataView,
  { start, end }: Box,
  record: Uint8Array | null,
): { readonly colorSpace: VideoColorSpaceInit } | null {
  const box = child(movie, start + entryHead, end, 'colr');
  // 'nclx'; others hold a profile.
  if (box && box.end - box.start >= 11 && movie.getUint32(box.start) === 0x6e636c78) {
    const [primary, transfer, matrix] = [4, 6, 8].map((at) => movie.getUint16(box.start + at));
    return { colorSpace: named(primary!, transfer!, matrix!, movie.getUint8(box.start + 10) >> 7 === 1) };
  }
  if (!record || record.length < 10) return null;
  const [depth = 0, primary = 2, transfer = 2, matrix = 2] = record.subarray(6);
  return { colorSpace: named(primary, transfer, matrix, (depth & 1) === 1) };
}

function named(primary: number, transfer: number, matrix: number, fullRange: boolean): VideoColorSpaceInit {
  return {
    primaries: (primaries[primary] ?? null) as VideoColorPrimaries | null,
    transfer: (transfers[transfer] ?? null) as VideoTransferCharacteristics | null,
    matrix: (matrices[matrix] ?? null) as VideoMatrixCoefficients | null,
    fullRange,
  };
}
