// PyTorch files made by hand, for tests: pickles, the zip layout, the legacy layout.
import { zipSync } from 'fflate';

/** A piece of a pickle that is written as it is, one character a byte. */
export class Raw {
  readonly code: string;
  constructor(code: string) {
    this.code = code;
  }
}

export type Pickled =
  null | boolean | number | bigint | string | Raw | readonly Pickled[] | { readonly [key: string]: Pickled };

/** The instructions for a value: objects become dicts, arrays lists. */
export function codeOf(value: Pickled): string {
  if (value instanceof Raw) return value.code;
  if (value === null) return 'N';
  if (typeof value === 'boolean') return value ? '\x88' : '\x89';
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 256) return `K${bytesAs(value, 1)}`;
  if (typeof value === 'number' && !Number.isInteger(value)) return `F${value}\n`;
  if (typeof value === 'number' || typeof value === 'bigint') return `\x8a\x0a${bytesAs(value, 10)}`;
  if (typeof value === 'string') {
    const utf8 = new TextEncoder().encode(value);
    return `X${bytesAs(utf8.length, 4)}${String.fromCharCode(...utf8)}`;
  }
  if (Array.isArray(value)) return `](${(value as readonly Pickled[]).map(codeOf).join('')}e`;
  const pairs = Object.entries(value as Record<string, Pickled>);
  return `}(${pairs.map(([key, inner]) => codeOf(key) + codeOf(inner)).join('')}u`;
}

export const tuple = (...items: Pickled[]): Raw => new Raw(`(${items.map(codeOf).join('')}t`);
export const named = (module: string, name: string): Raw => new Raw(`c${module}\n${name}\n`);
export const called = (callee: Raw, ...args: Pickled[]): Raw => new Raw(`${callee.code}${tuple(...args).code}R`);
export const orderedDict = (entries: Record<string, Pickled>): Raw =>
  new Raw(`${called(named('collections', 'OrderedDict')).code}(${codeOf(entries).slice(2)}`);

/** A whole pickle of protocol 2. */
export function pickleOf(value: Pickled): Uint8Array<ArrayBuffer> {
  return characters(`\x80\x02${codeOf(value)}.`);
}

export interface TensorView {
  readonly key: string;
  /** `Float` for torch.FloatStorage. */
  readonly type: string;
  /** Elements of the storage. */
  readonly count: number;
  readonly shape: readonly number[];
  readonly strides?: readonly number[];
  readonly offset?: number;
  readonly legacy?: boolean;
}

export function tensor({ key, type, count, shape, strides, offset = 0, legacy = false }: TensorView): Raw {
  const rowMajor = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const id = tuple('storage', named('torch', `${type}Storage`), key, 'cpu', count, ...(legacy ? [null] : []));
  const rebuild = named('torch._utils', '_rebuild_tensor_v2');
  const storage = new Raw(`${id.code}Q`);
  return called(rebuild, storage, offset, tuple(...shape), tuple(...(strides ?? rowMajor)), false, orderedDict({}));
}

export type Storages = Readonly<Record<string, ArrayBufferView>>;

/** The layout since torch 1.6. `files` replace or join those of the archive. */
export function zipPth(
  value: Pickled,
  storages: Storages,
  files: Record<string, Uint8Array> = {},
): Uint8Array<ArrayBuffer> {
  const held = Object.entries(storages).map(([key, data]) => [`model/data/${key}`, rawBytes(data)] as const);
  const all = {
    'model/data.pkl': pickleOf(value),
    ...Object.fromEntries(held),
    'model/version': characters('3\n'),
    ...files,
  };
  return Uint8Array.from(zipSync(all, { level: 0 }));
}

/** The layout before torch 1.6; `counts` are the lengths written before the storages. */
export function legacyPth(value: Pickled, storages: Storages, counts: Record<string, number>): Uint8Array<ArrayBuffer> {
  const system = { protocol_version: 1001, little_endian: true, type_sizes: { short: 2, int: 4, long: 4 } };
  return concatenated(
    pickleOf(0x1950a86a20f9469cfc6cn),
    pickleOf(1001),
    pickleOf(system),
    pickleOf(value),
    pickleOf(Object.keys(storages)),
    ...Object.entries(storages).flatMap(([key, data]) => [characters(bytesAs(counts[key]!, 8)), rawBytes(data)]),
  );
}

/** The same archive with its directory's place told by a zip64 record alone. */
export function asZip64(zip: Uint8Array): Uint8Array<ArrayBuffer> {
  const end = zip.length - 22;
  const view = new DataView(zip.buffer, zip.byteOffset + end);
  const record = new DataView(new ArrayBuffer(56 + 20));
  record.setUint32(0, 0x06064b50, true);
  record.setBigUint64(4, 44n, true);
  record.setBigUint64(32, BigInt(view.getUint16(10, true)), true);
  record.setBigUint64(40, BigInt(view.getUint32(12, true)), true);
  record.setBigUint64(48, BigInt(view.getUint32(16, true)), true);
  record.setUint32(56, 0x07064b50, true);
  record.setBigUint64(64, BigInt(end), true);
  const tail = zip.slice(end);
  tail.fill(0xff, 8, 20);
  return concatenated(zip.subarray(0, end), new Uint8Array(record.buffer), tail);
}

export function characters(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function concatenated(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(Buffer.concat(parts));
}

function rawBytes(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

function bytesAs(value: number | bigint, bytes: number): string {
  return Array.from({ length: bytes }, (_, i) =>
    String.fromCharCode(Number((BigInt(value) >> BigInt(8 * i)) & 255n)),
  ).join('');
}
