// Corrected incidents beside labels of anomalies: what they say of a video counts instead of what the labels say of it.
import type { DataFile } from '../formats/dataFile';
import { readActionFolder, type ActionVideo } from './actionFolder';
import { nothingSaid, wordsOf, type AnomalyVideo, type CaptionedRegion, type FrameSpan } from './anomalyVideos';
import type { Folder } from './folder';
import type { LabelSet } from './labelSet';

/**
 * Labels with those of correction files in their place, the last file's first. A video without incidents is normal. A
 * region or box stays where it is in one of the incidents; an incident without any is the whole frame while it lasts.
 * Throws what `parseActivityNet` throws.
 */
export async function correctedAnomalies(
  folder: Folder,
  set: LabelSet<AnomalyVideo>,
  files: readonly DataFile[],
): Promise<LabelSet<AnomalyVideo>> {
  if (files.length === 0) return set;
  const items = new Map(set.items.map((item) => [item.path, item]));
  const notices = [...set.notices];
  for (const file of files) {
    const corrected = await readActionFolder(folder, file, null);
    for (const said of corrected.items) items.set(said.path, correctedBy(said, items.get(said.path)));
    notices.push(...corrected.notices.filter((notice) => !set.notices.includes(notice)));
  }
  const all = [...items.values()];
  const others = new Set([...set.classes, ...all.map(({ className }) => className)]);
  others.delete('Normal');
  return {
    ...set,
    items: all,
    classes: ['Normal', ...[...others].sort()],
    notices,
    unusable: set.unusable.filter(({ path }) => !items.has(path)),
  };
}

function correctedBy(said: ActionVideo, known: AnomalyVideo | undefined): AnomalyVideo {
  const { path, media, segments, split, durationSeconds } = said;
  const frames = known?.frames ?? said.frames;
  const framesPerSecond = rateOf(said) ?? known?.framesPerSecond ?? null;
  const at = (seconds: number): number => Math.round(seconds * (framesPerSecond ?? 1));
  const most = frames ?? (durationSeconds === null ? Infinity : at(durationSeconds));
  const spans = segments.map(({ startSeconds, endSeconds }): FrameSpan => {
    const startFrame = Math.min(at(startSeconds), most - 1);
    return { startFrame, endFrame: Math.min(most, Math.max(startFrame + 1, at(endSeconds))) };
  });
  const className = segments[0]?.label ?? 'Normal';
  const abnormal = segments.length > 0;
  const during = (frame: number): boolean => spans.some((span) => span.startFrame <= frame && frame < span.endFrame);
  const boxes = new Map([...(known?.boxes ?? [])].filter(([frame]) => during(frame)));
  const kept = (known?.regions ?? []).filter(({ keyFrames }) => keyFrames.some(({ frame }) => during(frame)));
  const placed = (span: FrameSpan): boolean => {
    const within = (frame: number): boolean => span.startFrame <= frame && frame < span.endFrame;
    return [...boxes.keys()].some(within) || kept.some(({ keyFrames }) => keyFrames.some(({ frame }) => within(frame)));
  };
  const whole = spans.flatMap((span, k) => (placed(span) ? [] : [wholeFrame(span, segments[k]!.label)]));
  return {
    ...nothingSaid,
    ...{ path, media, className, abnormal, spans, boxes, frames, framesPerSecond },
    // Held out from training stays what it was: validation or test.
    split: split === 'val' && known?.split !== 'train' ? (known?.split ?? split) : split,
    caption: known?.abnormal === abnormal ? known.caption : null,
    regions: abnormal ? [...kept, ...whole] : [],
    startSeconds: known?.startSeconds ?? null,
    endSeconds: known?.endSeconds ?? null,
  };
}

function rateOf({ frames, durationSeconds }: ActionVideo): number | null {
  return frames === null || durationSeconds === null || durationSeconds <= 0 ? null : frames / durationSeconds;
}

/** The whole frame from the first to the last one of a span. */
function wholeFrame({ startFrame, endFrame }: FrameSpan, label: string): CaptionedRegion {
  const all = { x0: 0, y0: 0, x1: 1, y1: 1, enabled: true };
  const keyFrames = [...new Set([startFrame, endFrame - 1])].map((frame) => ({ frame, ...all }));
  return { caption: wordsOf(label), keyFrames };
}
