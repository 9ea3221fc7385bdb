// Recorded PyTorch values: where they lie, the formula that makes unstored ones, and the verdict on a comparison.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readSafetensors, type SafetensorsFile } from '../../src/formats/safetensors';

/** Verdict on one compared array; `worst` and `tolerance` are in the same measure. */
export interface GoldenResult {
  readonly name: string;
  readonly worst: number;
  readonly tolerance: number;
  readonly ok: boolean;
}

/** Folder of recorded values of a group (`pose`, `ops`, …), or null where this checkout has none. */
export function goldenFolder(group: string): string | null {
  const named = process.env['GOLDENS'];
  const roots = named ? [named] : ['../shared/fixtures', 'test/goldens'];
  return (
    roots
      .map((root) => resolve(root, group))
      .find((folder) => existsSync(folder) && !existsSync(join(folder, 'cases.ts'))) ?? null
  );
}

/** Folder of real data that lies beside the checkout, for example `bvh`, or null. */
export function sharedData(name: string): string | null {
  const folder = resolve('../shared/data', name);
  return existsSync(folder) ? folder : null;
}

/** One .safetensors file of recorded values. */
export function readGolden(folder: string, file: string): SafetensorsFile {
  return readSafetensors(readFileSync(join(folder, `${file}.safetensors`)));
}

/**
 * Holds when |got - want| <= atol + rtol · |want| everywhere. `worst` is the largest |got - want| / (|want| + atol / rtol),
 * to be compared with rtol; with rtol 0 it is the largest difference, to be compared with atol.
 */
export function compare(
  name: string,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  { rtol = 0, atol = 0 }: { rtol?: number; atol?: number },
): GoldenResult {
  let worst = got.length === want.length && want.length > 0 ? 0 : Infinity;
  for (let i = 0; i < want.length && worst < Infinity; i++) {
    const difference = Math.abs(got[i]! - want[i]!);
    if (difference === 0) continue;
    const measured = rtol > 0 ? difference / (Math.abs(want[i]!) + atol / rtol) : difference;
    worst = Number.isNaN(measured) ? Infinity : Math.max(worst, measured);
  }
  const tolerance = rtol > 0 ? rtol : atol;
  return { name, worst, tolerance, ok: worst <= tolerance };
}

/** Several comparisons under one line: the worst of them counts. */
export function worstOf(name: string, results: readonly GoldenResult[]): GoldenResult {
  const failing = results.filter((one) => !one.ok);
  const share = (one: GoldenResult): number => one.worst / one.tolerance;
  const worst = [...(failing.length > 0 ? failing : results)].sort((a, b) => share(b) - share(a))[0];
  if (!worst) return { name: `${name} (nothing recorded)`, worst: Infinity, tolerance: 0, ok: false };
  const note = failing.length > 0 ? `${failing.length} of ${results.length}, worst ${worst.name}` : `${results.length}`;
  return { ...worst, name: `${name} [${note}]` };
}

/** Euclidean length of the difference as a share of that of the wanted values. */
export function compareLengths(
  name: string,
  got: ArrayLike<number>,
  want: ArrayLike<number>,
  tolerance: number,
): GoldenResult {
  let [difference, length] = [0, 0];
  for (let i = 0; i < want.length; i++) {
    difference += (got[i]! - want[i]!) ** 2;
    length += want[i]! ** 2;
  }
  const share = difference === 0 ? 0 : Math.sqrt(difference / length);
  const worst = got.length === want.length && want.length > 0 && !Number.isNaN(share) ? share : Infinity;
  return { name, worst, tolerance, ok: worst <= tolerance };
}
