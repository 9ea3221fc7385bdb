// Parts a batch's outputs into those of its clips.
import { invariant } from '../../errors';
import type { Outputs } from '../runtime';

/** The part of a batch's outputs that is clip number `clip`'s. */
export function ofClip(outputs: Outputs, clip: number, clips: number): Outputs {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, values]) => {
      invariant(values.length % clips === 0, `${values.length} values of ${name} do not divide into ${clips} clips`);
      const length = values.length / clips;
      return [name, values.slice(clip * length, (clip + 1) * length)];
    }),
  );
}
