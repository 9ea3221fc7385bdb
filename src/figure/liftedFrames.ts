// The lifted poses of one person: clips at the model's frame rate, their means, and what that says of the video's own frames.
import { JOINTS } from './skeleton';

const frameValues = JOINTS * 3;

export class LiftedFrames {
  /** Of each frame at the model's rate, the frame of the video that is nearest in time. */
  readonly sources: Int32Array<ArrayBuffer>;
  readonly #times: Float64Array;
  /** Of the video's frames: sums of poses and how many there are. */
  readonly #sums: Float64Array;
  readonly #counts: Uint32Array;

  /** `times` of the video's frames in seconds, ascending; `frameRate` of the model in Hz. */
  constructor(times: Float64Array, frameRate: number) {
    this.#times = times;
    this.sources = nearestFrames(times, frameRate);
    this.#sums = new Float64Array(times.length * frameValues);
    this.#counts = new Uint32Array(times.length);
  }

  /** Poses of a clip, [T, 17, 3], of these frames at the model's rate; where clips overlap their mean counts. */
  add(frames: Int32Array, poses: Float64Array): void {
    for (const [t, frame] of frames.entries()) {
      const source = this.sources[frame]!;
      this.#counts[source]!++;
      for (let i = 0; i < frameValues; i++) this.#sums[source * frameValues + i]! += poses[t * frameValues + i]!;
    }
  }

  /** Poses of the video's frames up to the last one that was lifted, [F, 17, 3]; those in between are interpolated in time. */
  poses(): Float64Array<ArrayBuffer> {
    const known = [...this.#counts.keys()].filter((frame) => this.#counts[frame]! > 0);
    const [last] = known.slice(-1);
    const out = new Float64Array(last === undefined ? 0 : (last + 1) * frameValues);
    const mean = (frame: number, i: number): number => this.#sums[frame * frameValues + i]! / this.#counts[frame]!;
    for (const [k, frame] of known.entries()) {
      for (let i = 0; i < frameValues; i++) out[frame * frameValues + i] = mean(frame, i);
      const next = known[k + 1];
      if (next === undefined) continue;
      for (let between = frame + 1; between < next; between++) {
        const share =
          (this.#times[between]! - this.#times[frame]!) / Math.max(1e-9, this.#times[next]! - this.#times[frame]!);
        for (let i = 0; i < frameValues; i++)
          out[between * frameValues + i] = (1 - share) * mean(frame, i) + share * mean(next, i);
      }
    }
    return out;
  }
}

/** A video at nearly the model's rate keeps its frames as they are, each once. */
const sameRate = 0.02;

function nearestFrames(times: Float64Array, frameRate: number): Int32Array<ArrayBuffer> {
  const last = times.length - 1;
  const seconds = last > 0 ? times[last]! - times[0]! : 0;
  const own = seconds > 0 ? last / seconds : frameRate;
  if (Math.abs(own / frameRate - 1) < sameRate) return Int32Array.from(times, (_, i) => i);
  let at = 0;
  return Int32Array.from({ length: Math.floor(seconds * frameRate + 1e-6) + 1 }, (_, k) => {
    const wanted = times[0]! + k / frameRate;
    while (at < last && Math.abs(times[at + 1]! - wanted) <= Math.abs(times[at]! - wanted)) at++;
    return at;
  });
}
