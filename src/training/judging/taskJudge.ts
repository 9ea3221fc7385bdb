// How a task joins Try: files without labels in, windows for the predictor, findings out. Used by the train worker.
import type { UserError } from '../../errors';
import type { DataFile } from '../../formats/dataFile';
import type { VideoStore } from '../../frames/videoStore';
import type { Settings } from '../../models/settings';
import type { Batch, Facts, Outputs } from '../batch';
import type { Finders } from './finders';
import type { ItemHead } from './judgedResult';

/** What is judged as one: a file, or files that belong together, such as a video and its key points. */
export interface JudgeItem {
  readonly name: string;
  readonly files: readonly DataFile[];
}

/** What opening an item needs. */
export interface JudgeOrder<TaskFacts extends Facts = Facts> {
  /** Those that came with the weights, with what the person changed of them for this time. */
  readonly settings: Settings;
  readonly facts: TaskFacts;
  /** For this item alone; closed with it. */
  readonly videos: VideoStore;
  /** Absent where nothing finds. */
  readonly finders?: Finders;
  /** Hears of what stops nothing, such as damaged frames. */
  readonly tell: (problem: UserError) => void;
  /** Aborted when the person cancels. */
  readonly signal: AbortSignal;
  /** Counts work that comes before the first window, such as finding; 0..1. */
  readonly found: (share: number) => void;
}

/** A place in an item that one clip of a batch is made from; a task adds what it needs to make it. */
export interface JudgeWindow {
  /** Up to where the item is judged once this window is, in seconds from its start. */
  readonly untilSeconds: number;
}

/** An item under judgement. */
export interface OpenedItem<Window extends JudgeWindow = JudgeWindow, Findings = unknown> {
  readonly head: ItemHead;
  /**
   * In the order of time; asked for one after the other, at most two batches before they are judged. Nothing is decoded
   * here, unless a task must find something first.
   */
  windows(): Iterable<Window> | AsyncIterable<Window>;
  /** A whole batch of the model's inputs, without labels. Of a last window that repeats only the first is heard. */
  batch(windows: readonly Window[]): Batch;
  /** What the model said of a window, in their order. Keeps what the findings need and nothing more. */
  hear(window: Window, outputs: Outputs): void;
  /** What is known so far as plain JSON; nothing in it depends on a parameter that acts without running again. */
  findings(): Findings | Promise<Findings>;
}

/** A model's `runtime` has one as `judge`. */
export interface TaskJudge<TaskFacts extends Facts = Facts> {
  /** Files that were given together, as items; each file by itself where this is left out. */
  items?(files: readonly DataFile[]): readonly JudgeItem[];
  /**
   * The facts that the model is built from, where the settings or the files change those that came with the weights.
   * @throws UserError where they do not fit the weights.
   */
  factsFor?(facts: TaskFacts, settings: Settings, files: readonly DataFile[]): Promise<TaskFacts>;
  /**
   * Reads headers. `VideoStore.open(file, crop, tell)` opens a video.
   * @throws UserError where it cannot be judged; the other items go on.
   */
  open(item: JudgeItem, order: JudgeOrder<TaskFacts>): Promise<OpenedItem>;
  /**
   * For weights that do not say what they are: settings and facts by names and shapes of their tensors, and how many
   * class names are missing to them.
   */
  guess?(shapes: ReadonlyMap<string, readonly number[]>): {
    readonly settings?: Settings;
    readonly classes?: number;
  };
  /** Facts of weights for which the person gave class names; none where this is left out. */
  facts?(classes: readonly string[], settings: Settings): TaskFacts;
}
