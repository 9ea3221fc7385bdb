// A file of recorded values: its tensors and metadata, and which of its tensors have been compared.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shape } from '../../src/engine/graph/tensor';
import { readSafetensors } from '../../src/formats/safetensors';
import { floatValues, type StoredTensor } from '../../src/formats/storedTensor';
import { compare, type GoldenResult, type Tolerance } from './golden';
import { hashValues } from './hashValues';
import { hashedWeight } from './hashedWeights';

type Values = Float32Array | Float64Array;

/** What a comparison starts from: nothing is wanted of these. */
const given = /^(input|param|gradout)\./;

function valuesOf(tensor: StoredTensor): Values {
  const { data } = tensor;
  return data instanceof BigInt64Array || data instanceof Uint8Array
    ? Float64Array.from(data as ArrayLike<number | bigint>, Number)
    : floatValues(tensor);
}

export class Recording {
  /** Group and file, `pose/tiny_seed`. */
  readonly label: string;
  readonly folder: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly #compared = new Set<string>();
  readonly #reasons = new Map<string, string>();

  /** Reads `<folder>/<file>.safetensors`. */
  constructor(group: string, folder: string, file: string) {
    const { tensors, metadata } = readSafetensors(readFileSync(join(folder, `${file}.safetensors`)));
    this.label = `${group}/${file}`;
    this.folder = folder;
    this.tensors = tensors;
    this.metadata = metadata;
  }

  /** A metadata entry read as JSON, or what stands for it where it is absent. */
  json<T>(key: string, otherwise?: T): T {
    const text = this.metadata[key];
    if (text === undefined && otherwise === undefined) throw new Error(`${this.label} has no metadata ${key}`);
    return text === undefined ? otherwise! : (JSON.parse(text) as T);
  }

  get notes(): string {
    return this.metadata['notes'] ?? '';
  }

  has(name: string): boolean {
    return this.tensors.has(name);
  }

  /** What follows `prefix` in the names of tensors. */
  after(prefix: string): string[] {
    return [...this.tensors.keys()].flatMap((name) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []));
  }

  /** A tensor that a comparison starts from; null where it is not stored. */
  given(name: string): Float32Array<ArrayBuffer> | null {
    const found = this.tensors.get(name);
    return found ? Float32Array.from(valuesOf(found)) : null;
  }

  shape(name: string): Shape {
    return this.#tensor(name).shape;
  }

  /** What a tensor should be; it counts as compared from now on. */
  want(name: string): Values {
    this.#compared.add(name);
    return valuesOf(this.#tensor(name));
  }

  /** The verdict on a tensor's values. */
  compare(name: string, got: ArrayLike<number>, tolerance: Tolerance): GoldenResult {
    return compare(name, got, this.want(name), tolerance);
  }

  /** Leaves tensors out of the comparison; the reason is shown. */
  leave(names: RegExp, reason: string): void {
    for (const name of this.tensors.keys()) if (names.test(name)) this.#reasons.set(name, reason);
  }

  /** Fails where a recorded tensor was neither compared nor left out with a reason. */
  coverage(): GoldenResult {
    const wanted = [...this.tensors.keys()].filter((name) => !given.test(name));
    const open = wanted.filter((name) => !this.#compared.has(name) && !this.#reasons.has(name));
    const left = new Map<string, number>();
    for (const name of wanted)
      if (!this.#compared.has(name))
        left.set(this.#reasons.get(name) ?? '', 1 + (left.get(this.#reasons.get(name) ?? '') ?? 0));
    const notes = [...left].flatMap(([reason, count]) => (reason === '' ? [] : [`; ${count} left: ${reason}`]));
    const missing =
      open.length > 0 ? `; not compared: ${open.slice(0, 8).join(', ')}${open.length > 8 ? ', …' : ''}` : '';
    const name = `${this.label}/all that is recorded [${wanted.length}${notes.join('')}${missing}]`;
    return { name, worst: open.length, tolerance: 0, ok: open.length === 0 };
  }

  /** Prefix of the names whose hash gives the weights: `w:` in the recordings beside the checkout. */
  get weightPrefix(): string {
    const { weight_prefix: own } = this.metadata;
    const { prefix } = this.json<{ prefix?: string }>('config', {});
    return own ?? prefix ?? /prefix ['"]?([^\s'"]*:)/.exec(this.notes)?.[1] ?? 'w:';
  }

  /** Start value of a weight: as stored, else by the formula; null for fixed matrices that keep their own. */
  weight(name: string, shape: Shape): Float32Array | null {
    return this.given(`param.${name}`) ?? hashedWeight(this.weightPrefix, name, shape);
  }

  /** An input: as stored, else by the formula under the name that the notes quote, in [-1, 1). */
  input(name: string, count: number): Float32Array<ArrayBuffer> {
    return this.given(`input.${name}`) ?? Float32Array.from(hashValues(this.#inputName(name), count));
  }

  #inputName(name: string): string {
    const quoted = new RegExp(`["']([^"'\\s]*)${name}["']`).exec(this.notes)?.[1];
    const prefix = this.weightPrefix === 'w:' ? 'in:' : `${this.weightPrefix}in:`;
    return `${this.metadata['input_prefix'] ?? quoted ?? prefix}${name}`;
  }

  #tensor(name: string): StoredTensor {
    const found = this.tensors.get(name);
    if (!found) throw new Error(`${this.label} has no tensor ${name}`);
    return found;
  }
}

/** A tolerance as files write it: an object, or text such as "rtol 1e-3 atol 1e-4" or "per key rel L2 2e-3". */
export function toleranceOf(written: unknown): Tolerance {
  if (typeof written === 'string') {
    const number = (pattern: RegExp): number | undefined => {
      const found = pattern.exec(written)?.[1];
      return found === undefined ? undefined : Number(found);
    };
    return defined(number(/rtol ([\d.e-]+)/), number(/atol ([\d.e-]+)/), undefined, number(/rel L2 ([\d.e-]+)/));
  }
  const { rtol, atol, rel_to_tensor_max } = (written ?? {}) as Record<string, number | undefined>;
  return defined(rtol, atol, rel_to_tensor_max);
}

function defined(rtol?: number, atol?: number, ofLargest?: number, ofLength?: number): Tolerance {
  const entries = Object.entries({ rtol, atol, ofLargest, ofLength }).filter(([, value]) => value !== undefined);
  if (entries.length === 0) throw new Error('the file states no tolerance here');
  return Object.fromEntries(entries);
}
