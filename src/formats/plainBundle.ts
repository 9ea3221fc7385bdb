// Plain data with typed arrays and files in it as one small compressed file: what a recorded result lies in.
import { Bug } from '../errors';

/**
 * How an array or a file lies among the bytes behind the tree. Float32Arrays lie as 12 of 16 bits, `low + step * n`, first
 * the high bytes and then the low ones, which compress better apart. Equal ones lie there once.
 */
interface Piece {
  readonly kind: ArrayKind | 'file' | 'steps';
  readonly bytes: number;
  readonly type?: string;
  readonly low?: number;
  readonly step?: number;
}

/** Stands for a piece by its number, or for a number that JSON has no word for. */
interface Stand {
  readonly $: number | string;
}

interface Header {
  readonly tree: unknown;
  readonly pieces: readonly Piece[];
}

const arrays = { Float32Array, Float64Array, Int32Array, Uint32Array, Uint8Array };
type ArrayKind = keyof typeof arrays;
const steps = 4095;
const digits = 6;

/** Numbers keep six digits, Float32Arrays a 4,095th of their range. Throws Bug for what is neither plain nor a known array. */
export async function writeBundle(value: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Piece[] = [];
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const put = (piece: Omit<Piece, 'bytes'>, bytes: Uint8Array<ArrayBuffer>): Stand => {
    const whole = { ...piece, bytes: bytes.length };
    const said = JSON.stringify(whole);
    const known = parts.findIndex((part, at) => JSON.stringify(pieces[at]) === said && sameBytes(part, bytes));
    if (known >= 0) return { $: known };
    parts.push(bytes);
    return { $: pieces.push(whole) - 1 };
  };
  const stand = async (one: unknown): Promise<unknown> => {
    if (typeof one === 'number') return Number.isFinite(one) ? Number(one.toPrecision(digits)) : { $: String(one) };
    if (typeof one !== 'object' || one === null) return one;
    if (one instanceof Blob) return put({ kind: 'file', type: one.type }, new Uint8Array(await one.arrayBuffer()));
    if (one instanceof Float32Array && one.every(Number.isFinite)) return put(...inSteps(one));
    if (ArrayBuffer.isView(one)) {
      const kind = one.constructor.name as ArrayKind;
      if (!(kind in arrays)) throw new Bug(`a bundle has no ${kind}`);
      const { buffer, byteOffset, byteLength } = one as Uint8Array<ArrayBuffer>;
      return put({ kind }, new Uint8Array(buffer, byteOffset, byteLength));
    }
    if (Array.isArray(one)) return await inOrder(one, stand);
    const values = await inOrder(Object.values(one), stand);
    return Object.fromEntries(Object.keys(one).map((key, at) => [key, values[at]]));
  };
  const tree = await stand(value);
  const text = new TextEncoder().encode(JSON.stringify({ tree, pieces } satisfies Header));
  return await through(new CompressionStream('gzip'), [Uint32Array.of(text.length), text, ...parts]);
}

/** Throws Bug where it is none, or not whole: the page ships those that it reads. */
export async function readBundle(file: Uint8Array<ArrayBuffer>): Promise<unknown> {
  try {
    const bytes = await through(new DecompressionStream('gzip'), [file]);
    const length = new DataView(bytes.buffer).getUint32(0, true);
    const { tree, pieces } = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length))) as Header;
    let at = 4 + length;
    const values = pieces.map((piece) => read(piece, bytes.slice(at, (at += piece.bytes))));
    if (at !== bytes.length) throw new RangeError(`${bytes.length - at} bytes are left over`);
    const revive = (one: unknown): unknown => {
      if (typeof one !== 'object' || one === null) return one;
      if (Array.isArray(one)) return one.map(revive);
      if ('$' in one) return typeof one.$ === 'string' ? Number(one.$) : values[Number(one.$)];
      return Object.fromEntries(Object.entries(one).map(([key, value]) => [key, revive(value)]));
    };
    return revive(tree);
  } catch (cause) {
    throw new Bug('a bundle is broken', { cause });
  }
}

function read({ kind, type = '', low = 0, step = 0 }: Piece, bytes: Uint8Array<ArrayBuffer>): unknown {
  if (kind === 'file') return new Blob([bytes], { type });
  if (kind !== 'steps') return new arrays[kind](bytes.buffer);
  const count = bytes.length / 2;
  return Float32Array.from({ length: count }, (_, i) => low + step * (256 * bytes[i]! + bytes[count + i]!));
}

function inSteps(values: Float32Array): [Omit<Piece, 'bytes'>, Uint8Array<ArrayBuffer>] {
  const low = values.reduce((least, one) => Math.min(least, one), Infinity);
  const high = values.reduce((most, one) => Math.max(most, one), -Infinity);
  const step = (high - low) / steps || 0;
  const bytes = new Uint8Array(2 * values.length);
  for (const [i, value] of values.entries()) {
    const n = step > 0 ? Math.round((value - low) / step) : 0;
    bytes[i] = n >> 8;
    bytes[values.length + i] = n & 255;
  }
  return [{ kind: 'steps', ...(values.length > 0 && { low, step }) }, bytes];
}

/** Pieces are numbered as they are met. */
async function inOrder(values: readonly unknown[], change: (one: unknown) => Promise<unknown>): Promise<unknown[]> {
  const changed: unknown[] = [];
  for (const value of values) changed.push(await change(value));
  return changed;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

async function through(
  stream: CompressionStream | DecompressionStream,
  parts: readonly BlobPart[],
): Promise<Uint8Array<ArrayBuffer>> {
  const out = new Blob([...parts]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(out).arrayBuffer());
}
