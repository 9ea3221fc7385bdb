// Fills what was not seen along a track of joints: between two sights in a straight line, before the first and after the last as there.

const joints = 17;

export interface BridgedJoints {
  /** x, y and confidence, [F, 17, 3]. */
  readonly points: Float32Array<ArrayBuffer>;
  /** 1 for frames that are not among `frames`; [F] */
  readonly bridged: Uint8Array<ArrayBuffer>;
}

/**
 * Joints at all times, from those at some of them. Joints that are less certain than `least` are placed as the times
 * around them say and keep their confidence; frames that are made up have confidence 0.
 * @param times of all frames, ascending.
 * @param frames which of them were seen, ascending; [S].
 * @param seen x, y and confidence, [S, 17, 3].
 */
export function bridgeGaps(
  times: ArrayLike<number>,
  frames: readonly number[],
  seen: ArrayLike<number>,
  least: number,
): BridgedJoints {
  const points = new Float32Array(times.length * joints * 3);
  const bridged = new Uint8Array(times.length).fill(1);
  for (const frame of frames) bridged[frame] = 0;
  for (let joint = 0; joint < joints; joint++) {
    const at = (i: number): number => (i * joints + joint) * 3;
    const certain = frames.flatMap((_, i) => (seen[at(i) + 2]! >= least ? [i] : []));
    // A joint that is never certain is taken as it is.
    const used = certain.length > 0 ? certain : frames.map((_, i) => i);
    let next = 0;
    for (let frame = 0; frame < times.length; frame++) {
      while (next < used.length && frames[used[next]!]! < frame) next++;
      const after = used[Math.min(next, used.length - 1)]!;
      const before = used[Math.max(0, next < used.length && frames[used[next]!] === frame ? next : next - 1)]!;
      const [from, to] = [times[frames[before]!]!, times[frames[after]!]!];
      const share = to > from ? Math.min(1, Math.max(0, (times[frame]! - from) / (to - from))) : 0;
      for (const axis of [0, 1])
        points[at(frame) + axis] = seen[at(before) + axis]! * (1 - share) + seen[at(after) + axis]! * share;
    }
    frames.forEach((frame, i) => (points[at(frame) + 2] = seen[at(i) + 2]!));
  }
  return { points, bridged };
}
