// How well scores of frames find the frames that are abnormal: over whole sets of videos, with ties as sklearn has them.

/** Scores and labels (0 or 1) of frames, one after the other. */
export interface JudgedFrames {
  readonly scores: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

export interface FrameScores {
  readonly frames: number;
  readonly positives: number;
  /** Share of pairs in the right order, ties half; null where a label is absent. */
  readonly auc: number | null;
  /** Mean of the precision over recall, no interpolation; null without positives. */
  readonly averagePrecision: number | null;
}

/** Both metrics in one walk over the frames from the highest score down. Scores are numbers, not NaN. */
export function frameScores({ scores, labels }: JudgedFrames): FrameScores {
  const frames = scores.length;
  const order = Uint32Array.from({ length: frames }, (_, k) => k).sort((a, b) => scores[b]! - scores[a]!);
  let [hits, misses, area, precision] = [0, 0, 0, 0];
  for (let start = 0; start < frames;) {
    let [newHits, newMisses, end] = [0, 0, start];
    for (; end < frames && scores[order[end]!] === scores[order[start]!]; end++) {
      if (labels[order[end]!] === 1) newHits++;
      else newMisses++;
    }
    area += newMisses * (hits + newHits / 2);
    hits += newHits;
    misses += newMisses;
    precision += newHits * (hits / (hits + misses));
    start = end;
  }
  return {
    frames,
    positives: hits,
    auc: hits === 0 || misses === 0 ? null : area / (hits * misses),
    averagePrecision: hits === 0 ? null : precision / hits,
  };
}

/** Start and end of a stretch, the end not included. */
export type Stretch = readonly [start: number, end: number];

/** 1 for frames inside a stretch, 0 for the others. */
export function frameLabels(frames: number, stretches: readonly Stretch[]): Uint8Array {
  const labels = new Uint8Array(frames);
  for (const [start, end] of stretches) labels.fill(1, Math.max(0, start), Math.max(0, end));
  return labels;
}

/** Each value `times` times over. */
export function repeated(values: ArrayLike<number>, times: number): Float64Array {
  return Float64Array.from({ length: values.length * times }, (_, k) => values[Math.floor(k / times)]!);
}

/** Videos one after the other. */
export function joined(videos: readonly JudgedFrames[]): JudgedFrames {
  const frames = videos.reduce((sum, { scores }) => sum + scores.length, 0);
  const [scores, labels] = [new Float64Array(frames), new Uint8Array(frames)];
  let at = 0;
  for (const video of videos) {
    scores.set(video.scores, at);
    labels.set(video.labels, at);
    at += video.scores.length;
  }
  return { scores, labels };
}
