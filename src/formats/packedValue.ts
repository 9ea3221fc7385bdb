// Plain values with typed arrays and Blobs as two files: JSON that people can read, and the bytes that it points into.
import { Bug, UserError } from '../errors';
import { isRecord } from './json';

export interface Packed {
  readonly json: string;
  /** Typed arrays first, then Blobs. */
  readonly bytes: Blob;
}

const arrays = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
} as const;
type ArrayName = keyof typeof arrays;
type PackedArray = InstanceType<(typeof arrays)[ArrayName]>;

/** What stands in the JSON for what it has no word for; `$` says what it is. */
type Stand =
  | { readonly $: ArrayName; readonly at: number; readonly length: number }
  | { readonly $: 'Blob'; readonly at: number; readonly length: number; readonly type: string }
  | { readonly $: 'number'; readonly value: string }
  /** An object with a key of this name. */
  | { readonly $: 'object'; readonly entries: readonly (readonly [string, unknown])[] };

/**
 * Numbers that are not finite stay what they are; keys without a value are left out, as in JSON. An array or a Blob that
 * is met again lies there once.
 * @throws Bug for what is neither plain, a typed array nor a Blob.
 */
export function pack(value: unknown): Packed {
  const views: PackedArray[] = [];
  const blobs: Blob[] = [];
  let arrayBytes = 0;
  let blobBytes = 0;
  const stands: { -readonly [K in 'at']: number }[] = [];
  const known = new Map<object, unknown>();

  const standOf = (one: unknown): unknown => {
    if (typeof one === 'number' && (!Number.isFinite(one) || Object.is(one, -0)))
      return { $: 'number', value: Object.is(one, -0) ? '-0' : String(one) } satisfies Stand;
    if (one === null || one === undefined || typeof one !== 'object') {
      if (typeof one === 'function' || typeof one === 'symbol' || typeof one === 'bigint')
        throw new Bug(`a ${typeof one} cannot be packed`);
      return one;
    }
    const same = known.get(one);
    if (same !== undefined) return same;
    if (one instanceof Blob) {
      const stand = { $: 'Blob', at: blobBytes, length: one.size, type: one.type } as const;
      blobs.push(one);
      blobBytes += one.size;
      stands.push(stand);
      known.set(one, stand);
      return stand;
    }
    if (ArrayBuffer.isView(one)) {
      const name = one.constructor.name as ArrayName;
      if (!(name in arrays)) throw new Bug(`a ${name} cannot be packed`);
      const view = one as PackedArray;
      const stand: Stand = { $: name, at: arrayBytes, length: view.length };
      views.push(view);
      arrayBytes += view.byteLength;
      known.set(one, stand);
      return stand;
    }
    if (Array.isArray(one)) return one.map(standOf);
    if (Object.getPrototypeOf(one) !== Object.prototype) throw new Bug(`a ${one.constructor.name} cannot be packed`);
    const entries = Object.entries(one).map(([key, inner]) => [key, standOf(inner)] as const);
    return '$' in one ? ({ $: 'object', entries } satisfies Stand) : Object.fromEntries(entries);
  };

  const whole = standOf(value);
  for (const stand of stands) stand.at += arrayBytes;
  const json = JSON.stringify({ arrayBytes, value: whole });
  return { json, bytes: new Blob([...(views as Uint8Array<ArrayBuffer>[]), ...blobs]) };
}

/**
 * The value of `pack`. Arrays are copies, Blobs are parts of `bytes`.
 * @param name only named in errors.
 * @throws UserError `packed-broken` where the one does not fit the other.
 */
export async function unpack({ json, bytes }: Packed, name: string): Promise<unknown> {
  let read: unknown;
  try {
    read = JSON.parse(json);
  } catch (cause) {
    throw broken(name, cause);
  }
  if (!isRecord(read) || !isPlace(read['arrayBytes'], 0, bytes.size)) throw broken(name);
  const buffer = await bytes.slice(0, read['arrayBytes']).arrayBuffer();

  const valueOf = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(valueOf);
    if (!isRecord(one)) return one;
    if (!('$' in one)) return objectOf(Object.entries(one));
    const { $: kind, at, length } = one;
    if (kind === 'number') return Number(one['value']);
    if (kind === 'object' && Array.isArray(one['entries'])) return objectOf(one['entries'] as [string, unknown][]);
    if (kind === 'Blob') {
      if (!isPlace(at, length, bytes.size)) throw broken(name);
      return bytes.slice(at, at + Number(length), typeof one['type'] === 'string' ? one['type'] : '');
    }
    if (typeof kind !== 'string' || !Object.hasOwn(arrays, kind)) throw broken(name);
    const Made = arrays[kind as ArrayName];
    const size = Number(length) * Made.BYTES_PER_ELEMENT;
    if (!isPlace(at, size, buffer.byteLength)) throw broken(name);
    return new Made(buffer.slice(at, at + size));
  };

  /** Also where a key is `__proto__`. */
  const objectOf = (entries: readonly (readonly [string, unknown])[]): object =>
    Object.fromEntries(entries.map((entry) => [entry[0], valueOf(entry[1])]));

  return valueOf(read['value']);
}

function isPlace(at: unknown, length: unknown, within: number): at is number {
  return (
    Number.isSafeInteger(at) &&
    Number.isSafeInteger(length) &&
    Number(at) >= 0 &&
    Number(length) >= 0 &&
    Number(at) + Number(length) <= within
  );
}

function broken(name: string, cause?: unknown): UserError {
  return new UserError(
    'packed-broken',
    `A part of the archive is damaged; save it again (${name})`,
    { path: name },
    {
      cause,
    },
  );
}
