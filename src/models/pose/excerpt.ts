// What a recorded result keeps of the view: some seconds of one person.
import type { PoseView } from './viewPayload';

const longest = 120;

export function excerpt({ sequences, worst, ...view }: PoseView): PoseView {
  const kept = sequences.slice(0, 1).map((sequence) => {
    const frames = Math.min(sequence.frames, longest);
    const first = (values: Float32Array): Float32Array => values.slice(0, (values.length / sequence.frames) * frames);
    const { input, prediction, truth, frameP1 } = sequence;
    return {
      ...{ ...sequence, frames },
      ...{ input: first(input), prediction: first(prediction), truth: first(truth), frameP1: first(frameP1) },
    };
  });
  const shown = (clip: PoseView['worst'][number]): boolean =>
    clip.sequence >= 0 && clip.firstFrame + clip.frames <= (kept[clip.sequence]?.frames ?? 0);
  return { ...view, sequences: kept, worst: worst.map((clip) => (shown(clip) ? clip : { ...clip, sequence: -1 })) };
}
