// Plain data with typed arrays and files in it as one small compressed file: what a recorded result lies in.
import { Bug } from '../errors';
import { pack, unpack } from './packedValue';

/**
 * What stands for a Float32Array: 12 of 16 bits of each value, `low + step * n`, first the high bytes of all and then the
 * low ones, which compress better apart.
 */
interface Steps {
  readonly $steps: Uint8Array<ArrayBuffer>;
  readonly low: number;
  readonly step: number;
}

const steps = 4095;
const digits = 6;

/**
 * Numbers keep six digits, Float32Arrays a 4,095th of their range; equal arrays and files lie there once. Throws Bug for
 * what `pack` refuses.
 */
export async function writeBundle(value: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const { json, bytes } = pack(await coarse(value, new Known()));
  const text = new TextEncoder().encode(json);
  return await through(new CompressionStream('gzip'), [Uint32Array.of(text.length), text, bytes]);
}

/** Throws Bug where it is none, or not whole: the page ships those that it reads. */
export async function readBundle(file: Uint8Array<ArrayBuffer>): Promise<unknown> {
  try {
    const bytes = await through(new DecompressionStream('gzip'), [file]);
    const end = 4 + new DataView(bytes.buffer).getUint32(0, true);
    const json = new TextDecoder().decode(bytes.subarray(4, end));
    return fine(await unpack({ json, bytes: new Blob([bytes.subarray(end)]) }, 'bundle'));
  } catch (cause) {
    throw new Bug('a bundle is broken', { cause });
  }
}

async function coarse(value: unknown, known: Known): Promise<unknown> {
  if (typeof value === 'number') return Number.isFinite(value) ? Number(value.toPrecision(digits)) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Float32Array && value.every(Number.isFinite)) {
    const { $steps, ...range } = inSteps(value);
    return { ...range, $steps: await known.first($steps) };
  }
  if (value instanceof Blob || ArrayBuffer.isView(value)) return await known.first(value);
  // One after the other, so that equal data gives an equal file.
  const values: unknown[] = [];
  for (const one of Object.values(value)) values.push(await coarse(one, known));
  if (Array.isArray(value)) return values;
  return Object.fromEntries(Object.keys(value).map((key, at) => [key, values[at]]));
}

function fine(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Blob || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(fine);
  if ('$steps' in value) return fromSteps(value as Steps);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fine(one)]));
}

function inSteps(values: Float32Array): Steps {
  const low = values.reduce((least, one) => Math.min(least, one), values[0] ?? 0);
  const high = values.reduce((most, one) => Math.max(most, one), low);
  const step = (high - low) / steps;
  const $steps = new Uint8Array(2 * values.length);
  for (const [i, value] of values.entries()) {
    const n = step > 0 ? Math.round((value - low) / step) : 0;
    $steps[i] = n >> 8;
    $steps[values.length + i] = n & 255;
  }
  return { $steps, low, step };
}

function fromSteps({ $steps, low, step }: Steps): Float32Array {
  const length = $steps.length / 2;
  return Float32Array.from({ length }, (_, i) => low + step * (256 * $steps[i]! + $steps[length + i]!));
}

/** Arrays and files by what is in them. */
class Known {
  readonly #all: { readonly one: Blob | ArrayBufferView; readonly kind: string; readonly bytes: Uint8Array }[] = [];

  /** The first one that equals this. */
  async first(one: Blob | ArrayBufferView): Promise<Blob | ArrayBufferView> {
    const kind = one instanceof Blob ? `file ${one.type}` : one.constructor.name;
    const bytes = new Uint8Array(await new Blob([one as Blob]).arrayBuffer());
    const same = this.#all.find((other) => other.kind === kind && sameBytes(other.bytes, bytes));
    if (!same) this.#all.push({ one, kind, bytes });
    return same?.one ?? one;
  }
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
