// Forward kinematics of BVH motion (pose spec, section 12): channel values to world positions.
import type { BvhMotion } from './bvh';

const axisIndex = { X: 0, Y: 1, Z: 2 } as const;

/**
 * World positions of all nodes, [frames, nodes, 3] in the file's unit.
 * Local rotation = product of the channel rotations in the order listed (column vectors). Position channels
 * add to the root's offset; on other joints they replace it, as exporters write absolute shifts there.
 */
export function worldPositions(motion: BvhMotion): Float32Array<ArrayBuffer> {
  const { nodes, frames, channels, values } = motion;
  const out = new Float32Array(frames * nodes.length * 3);
  const rotations = new Float64Array(nodes.length * 9);
  const positions = new Float64Array(nodes.length * 3);
  const local = new Float64Array(9);
  const offset = new Float64Array(3);
  for (let frame = 0; frame < frames; frame++) {
    for (const [n, node] of nodes.entries()) {
      local.fill(0);
      local[0] = local[4] = local[8] = 1;
      offset.set(node.offset);
      let replaced = false;
      for (let c = 0; c < node.channels.length; c++) {
        const { kind, axis } = node.channels[c]!;
        const value = values[frame * channels + node.firstChannel + c]!;
        if (kind === 'rotation') rotate(local, axisIndex[axis], (value * Math.PI) / 180);
        else {
          if (node.parent >= 0 && !replaced) offset.fill(0);
          replaced = true;
          offset[axisIndex[axis]]! += value;
        }
      }
      place(node.parent, n, local, offset, rotations, positions);
    }
    out.set(positions, frame * nodes.length * 3);
  }
  return out;
}

/** m <- m · R(axis, angle): mixes the two columns other than the axis's. */
function rotate(m: Float64Array, axis: number, angle: number): void {
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const first = (axis + 1) % 3;
  const second = (axis + 2) % 3;
  for (let row = 0; row < 9; row += 3) {
    const a = m[row + first]!;
    const b = m[row + second]!;
    m[row + first] = a * cos + b * sin;
    m[row + second] = b * cos - a * sin;
  }
}

/** World rotation R = R_parent · local and position p = p_parent + R_parent · offset of node n. */
function place(
  parent: number,
  n: number,
  local: Float64Array,
  offset: Float64Array,
  rotations: Float64Array,
  positions: Float64Array,
): void {
  if (parent < 0) {
    rotations.set(local, n * 9);
    positions.set(offset, n * 3);
    return;
  }
  for (let row = 0; row < 3; row++) {
    const p = parent * 9 + row * 3;
    const a = rotations[p]!;
    const b = rotations[p + 1]!;
    const c = rotations[p + 2]!;
    for (let column = 0; column < 3; column++)
      rotations[n * 9 + row * 3 + column] = a * local[column]! + b * local[3 + column]! + c * local[6 + column]!;
    positions[n * 3 + row] = positions[parent * 3 + row]! + a * offset[0]! + b * offset[1]! + c * offset[2]!;
  }
}
