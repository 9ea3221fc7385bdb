// Spreads a kernel's invocations over workgroups within the device's limits, and tells each its place.
import { invariant } from '../../errors';
import type { Target } from './target';

/** Work to spread: `x` invocations (the whole domain when y and z are 1), or a grid of tiles. */
export interface Grid {
  readonly x: number;
  readonly y?: number;
  readonly z?: number;
  /** Invocations per workgroup along x and y. */
  readonly size?: readonly [number, number];
}

/** Workgroup size and count for a grid. Throws Bug when the device has not as many. */
export function layout(
  grid: Grid,
  target: Target,
  label: string,
): { workgroupSize: [number, number]; workgroups: [number, number, number] } {
  const [sx, sy] = grid.size ?? [lineSize(grid.x, target), 1];
  let x = Math.ceil(grid.x / sx);
  let y = Math.ceil((grid.y ?? 1) / sy);
  const z = grid.z ?? 1;
  const most = target.workgroupsPerDimension;
  // A long one-dimensional domain folds into two dimensions.
  if (x > most && y === 1) {
    y = Math.ceil(x / most);
    x = Math.ceil(x / y);
  }
  invariant(x <= most && y <= most && z <= most, `${label}: ${x} x ${y} x ${z} workgroups exceed the device's ${most}`);
  return { workgroupSize: [sx, sy], workgroups: [x, y, z] };
}

/** Workgroups along x and y that are at least `count`, and WGSL of a workgroup's number among them. */
export function foldGroups(count: number, target: Target): { x: number; y: number; group: string } {
  const y = Math.ceil(count / target.workgroupsPerDimension);
  const x = Math.ceil(count / y);
  return { x, y, group: y > 1 ? `(workgroup.y * ${x}u + workgroup.x)` : 'workgroup.x' };
}

/** Invocations per workgroup of a line: fewer on a CPU where the line is short, so that all its cores get a share. */
function lineSize(invocations: number, target: Target): number {
  let size = 64;
  while (target.software && size > 8 && invocations < size * 16) size /= 2;
  return size;
}

/** WGSL that declares `ix`, `iy`, `iz` and leaves invocations outside the domain. */
export function gridCode(grid: Grid, [sx, sy]: [number, number], [wx, wy]: [number, number, number]): string {
  const plain = grid.y === undefined && grid.z === undefined;
  const lines: string[] = [];
  if (plain) {
    lines.push(
      wy > 1
        ? `let ix = (workgroup.y * ${wx}u + workgroup.x) * ${sx}u + local.x;`
        : `let ix = workgroup.x * ${sx}u + local.x;`,
    );
    if (grid.x % sx !== 0 || wy > 1) lines.push(`if (ix >= ${grid.x}u) { return; }`);
  } else {
    lines.push(
      `let ix = workgroup.x * ${sx}u + local.x;`,
      `let iy = workgroup.y * ${sy}u + local.y;`,
      'let iz = workgroup.z;',
    );
    const guards: string[] = [];
    if (grid.x % sx !== 0) guards.push(`ix >= ${grid.x}u`);
    if ((grid.y ?? 1) % sy !== 0) guards.push(`iy >= ${grid.y ?? 1}u`);
    if (guards.length > 0) lines.push(`if (${guards.join(' || ')}) { return; }`);
  }
  return lines.map((line) => `  ${line}`).join('\n');
}
