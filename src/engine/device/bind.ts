// Fits a dispatch's source and bindings to where its tensors lie.
//
// WebGPU forbids one dispatch to bind a buffer both read-only and writable, and to bind two overlapping ranges of which
// one is writable. So what is read from a buffer that the dispatch also writes is bound writable, and a result that takes
// over the memory of what it is made from shares its binding.
import { invariant } from '../../errors';
import type { Call } from '../kernels/call';
import type { Tensor } from '../graph/tensor';
import type { KernelSource } from './pipelines';

/** A range of a GPU buffer. */
export interface Location {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly bytes: number;
}

export interface BoundCall {
  readonly kernel: KernelSource;
  /** Without the step's uniforms. */
  readonly entries: GPUBindGroupEntry[];
}

/** Throws Bug when two bindings overlap that may not. */
export function bind(call: Call, locate: (tensor: Tensor) => Location): BoundCall {
  const { bindings, label, entryPoint } = call;
  const locations = bindings.map(({ tensor }) => locate(tensor));
  const at = (number: number): Location => locations[number] as Location;
  const shared = new Set<number>();
  let { source } = call;
  for (const { read, written } of call.inPlace) {
    if (at(read).buffer !== at(written).buffer || at(read).offset !== at(written).offset) continue;
    shared.add(read);
    source = source.replace(new RegExp(`^@group.*> t${read}: .*\n`, 'm'), '').replaceAll(wordOf(read), `t${written}`);
  }
  const writtenTo = new Map(bindings.flatMap(({ written }, k) => (written ? [[at(k).buffer, at(k)]] : [])));
  let access = call.usesStep ? 'u' : '';
  const entries: GPUBindGroupEntry[] = [];
  bindings.forEach(({ written }, k) => {
    const number = access.length;
    if (shared.has(k)) {
      access += '-';
      return;
    }
    const { buffer, offset, bytes } = at(k);
    const into = writtenTo.get(buffer);
    invariant(written || into?.offset !== offset, `${label} writes what it reads`);
    if (into && !written)
      source = source.replace(`@binding(${number}) var<storage, read>`, `@binding(${number}) var<storage, read_write>`);
    access += into ? 'w' : 'r';
    entries.push({ binding: number, resource: { buffer, offset, size: Math.ceil(bytes / 16) * 16 } });
  });
  return { kernel: { source, entryPoint, label, access }, entries };
}

/** The name under which a kernel knows its binding number `k`. */
function wordOf(k: number): RegExp {
  return new RegExp(`\\bt${k}\\b`, 'g');
}
