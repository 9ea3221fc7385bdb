// Labelled boxes in images, the same records whichever file format they come from.
import type { DataReport } from './dataReport';
import { reportOf, type LabelledItem, type LabelSet } from './labelSet';

/** Edges in pixels from the image's upper left corner: a box over the whole of a 10 x 10 image is 0, 0, 10, 10. */
export interface PixelBox {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

export interface LabelledBox extends PixelBox {
  readonly label: string;
  /** Neither right nor wrong in evaluation. */
  readonly difficult: boolean;
  readonly truncated: boolean;
}

export interface LabelledImage extends LabelledItem {
  /** As the labels say; null where they do not. */
  readonly widthPixels: number | null;
  readonly heightPixels: number | null;
  readonly boxes: readonly LabelledBox[];
}

/** The part of the box that lies in the image, or null where there is none. */
export function clipBox(box: PixelBox, width: number | null, height: number | null): PixelBox | null {
  const x0 = Math.max(0, box.x0);
  const y0 = Math.max(0, box.y0);
  const x1 = Math.min(width ?? Infinity, box.x1);
  const y1 = Math.min(height ?? Infinity, box.y1);
  return x1 > x0 && y1 > y0 ? { x0, y0, x1, y1 } : null;
}

/** Takes repeated boxes out and says how many. */
export function withoutRepeats(boxes: LabelledBox[]): number {
  const distinct = new Map(boxes.map((box) => [JSON.stringify(box), box]));
  const repeats = boxes.length - distinct.size;
  if (repeats > 0) boxes.splice(0, boxes.length, ...distinct.values());
  return repeats;
}

/**
 * One spelling per class: names that differ in case only ("Expressway-Service-area" and "-service-" both occur in
 * DIOR) take the spelling that is most frequent.
 */
export function unifySpelling(labels: readonly string[]): Map<string, string> {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const byFolded = new Map<string, string>();
  for (const [label, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const rival = byFolded.get(label.toLowerCase());
    if (rival === undefined || counts.get(rival)! < count) byFolded.set(label.toLowerCase(), label);
  }
  return new Map([...counts.keys()].map((label) => [label, byFolded.get(label.toLowerCase())!]));
}

export function reportImages(set: LabelSet<LabelledImage>): DataReport {
  return reportOf(set, {
    unit: 'images',
    labels: ({ boxes }) => boxes.map(({ label }) => label),
    // Less than a pixel.
    unlearnable: ({ boxes }) => boxes.filter(({ x0, y0, x1, y1 }) => x1 - x0 < 1 || y1 - y0 < 1).length,
    sample: ({ boxes }) => ({ kind: 'image', boxes }),
  });
}
