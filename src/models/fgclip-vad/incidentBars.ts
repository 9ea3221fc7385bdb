// Labelled spans and found incidents of a video as bars, in seconds from its start, with what became of each.
import { keyed } from '../../annotations/segmentKeys';
import { temporalIou } from '../../metrics/tadMap';
import type { SegmentMark } from '../../ui/corrections/segmentEdits';
import type { Bar } from '../../ui/corrections/segmentRows';
import type { ViewIncident } from './viewIncidents';
import type { ViewVideo } from './viewPayload';

/** The lowest overlap at which VadCLIP's mAP counts a hit. */
const HIT = 0.1;

export interface IncidentBar extends Bar {
  /** Sample with the largest score. */
  readonly peak: number;
}

/** What the labels say of a video. */
export function labelledMarks({ spans, className, start }: Pick<ViewVideo, 'spans' | 'className' | 'start'>) {
  return (spans ?? []).map(([from, to]): SegmentMark => ({ label: className, segment: [from - start, to - start] }));
}

/** Labels, and incidents best first. Where nobody knows when something happens (`marks` null) nothing is judged. */
export function incidentBars(
  video: Pick<ViewVideo, 'start'>,
  marks: readonly SegmentMark[] | null,
  incidents: readonly ViewIncident[],
  classes: readonly string[],
): { readonly truths: readonly Bar[]; readonly found: readonly IncidentBar[] } {
  const truth = marks ?? [];
  const said = [...incidents]
    .sort((a, b) => b.score - a.score)
    .map(({ start, end, category, score, peak }) => ({
      segment: [start - video.start, end - video.start] as const,
      label: classes[category] ?? '',
      ...{ score, peak },
    }));
  const meets = (a: SegmentMark, b: SegmentMark): boolean => temporalIou(a.segment, b.segment) >= HIT;
  const truths = keyed('truth', truth).map(({ key, of }): Bar => {
    return { key, ...of, score: null, tone: said.some((one) => meets(one, of)) ? 'hit' : 'missed' };
  });
  const found = keyed('found', said).map(({ key, of }): IncidentBar => {
    return { key, ...of, tone: marks === null ? 'open' : truth.some((one) => meets(one, of)) ? 'hit' : 'false' };
  });
  return { truths, found };
}
