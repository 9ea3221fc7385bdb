// The one time cursor of a view: a frame of a clip, whether it plays and how fast; positions are the frames' timestamps.
import { untrack } from 'svelte';
import { frameAt } from './frames';

export const speeds = [0.1, 0.25, 0.5, 1, 2] as const;

export class Cursor {
  readonly #timestamps: () => Float64Array;
  readonly #first: () => number;
  /** Null stands for the first frame to show, which may change with the clip. */
  #wanted = $state<number | null>(null);
  #playing = $state(false);
  #followers = $state(0);
  #touched = false;
  /** Where playing ends; null for going round. */
  #until: number | null = null;
  speed = $state(1);

  readonly timestamps: Float64Array = $derived.by(() => this.#timestamps());
  readonly last: number = $derived(Math.max(0, this.timestamps.length - 1));
  readonly frame: number = $derived.by(() => Math.max(0, Math.min(this.#wanted ?? this.#first(), this.last)));
  readonly seconds: number = $derived(this.timestamps[this.frame] ?? 0);

  /** `first` is the frame that a clip opens with. */
  constructor(timestamps: () => Float64Array, first: () => number = () => 0) {
    this.#timestamps = timestamps;
    this.#first = first;
  }

  get playing(): boolean {
    return this.#playing;
  }

  /** True while a video tells the time; else a clock does. */
  get followsVideo(): boolean {
    return this.#followers > 0;
  }

  /** Lets a video move the cursor until the returned function is called. */
  followVideo(): () => void {
    // Called from effects, which must not run again for the count that they change.
    untrack(() => (this.#followers += 1));
    return () => void (this.#followers -= 1);
  }

  /** What is on show while it plays. */
  show(frame: number): void {
    if (this.#until !== null && frame >= this.#until) this.seek(this.#until);
    else this.#wanted = frame;
  }

  /** Goes to a frame and stands there. */
  seek(frame: number): void {
    this.#touched = true;
    this.#playing = false;
    this.#until = null;
    this.#wanted = Math.max(0, Math.min(frame, this.last));
  }

  /** Moves by a span of time. */
  skip(seconds: number): void {
    this.seek(frameAt(this.timestamps, this.seconds + seconds));
  }

  /** Goes to the nearest of some moments (seconds, ascending) after the cursor, or before it; stays where there is none. */
  jump(moments: readonly number[], direction: 1 | -1): void {
    const frames = moments.map((seconds) => frameAt(this.timestamps, seconds));
    const target =
      direction > 0 ? frames.find((frame) => frame > this.frame) : frames.findLast((frame) => frame < this.frame);
    if (target !== undefined) this.seek(target);
  }

  /** Plays some frames and stands at the last of them. */
  playSpan(first: number, last: number): void {
    this.seek(first);
    this.#until = Math.max(this.frame, Math.min(last, this.last));
    this.#playing = true;
  }

  /** Plays unless somebody moved or stopped it before. */
  playUntouched(): void {
    if (!this.#touched) this.#playing = true;
  }

  togglePlay(): void {
    this.#touched = true;
    this.#playing = !this.#playing;
    this.#until = null;
    if (this.#playing && this.frame >= this.last) this.#wanted = 0;
  }

  /** Back to the frame that the clip opens with. */
  reopen(): void {
    this.#playing = false;
    this.#until = null;
    this.#wanted = null;
  }
}
