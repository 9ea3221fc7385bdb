// Which found boxes are shown while thresholds are moved, and how boxes are drawn over a picture.
import { byFallingScore, cornersIou, type Corners, type FoundBox, type TrueBox } from '../../metrics/judgedBoxes';
import { nms } from '../../metrics/nms';
import type { Colour } from '../../ui/player/draw';

export interface ShownOptions {
  readonly minScore: number;
  readonly iouThreshold: number;
  /** Null for all. */
  readonly category: number | null;
}

/** Boxes with enough score after suppression within their class, best first. */
export function shownBoxes(found: readonly FoundBox[], { minScore, iouThreshold, category }: ShownOptions): FoundBox[] {
  const wanted = found.filter((one) => one.score >= minScore && (category === null || one.category === category));
  const categories = [...new Set(wanted.map((one) => one.category))];
  const kept = categories.flatMap((own) => {
    const boxes = wanted.filter((one) => one.category === own);
    const scores = boxes.map(({ score }) => score);
    return nms(scores, (i, j) => cornersIou(boxes[i]!.box, boxes[j]!.box), iouThreshold).map((k) => boxes[k]!);
  });
  return byFallingScore(kept);
}

const colours = ['--plot-1', '--plot-2', '--plot-3', '--plot-4'] as const;

/** Name of the theme's variable for a class. */
export function classColour(category: number): string {
  return colours[category % colours.length]!;
}

/** From pixels of the picture to pixels of the drawing. */
export interface Fit {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** Found boxes solid with class and score, true ones dashed. */
export function drawBoxes(
  context: CanvasRenderingContext2D,
  { found, truth }: { readonly found: readonly FoundBox[]; readonly truth: readonly TrueBox[] },
  classes: readonly string[],
  { scale, x, y }: Fit,
  colour: Colour,
): void {
  const place = ([x0, y0, x1, y1]: Corners): [number, number, number, number] => [
    x + x0 * scale,
    y + y0 * scale,
    (x1 - x0) * scale,
    (y1 - y0) * scale,
  ];
  context.save();
  context.font = '12px system-ui, sans-serif';
  context.textBaseline = 'bottom';
  for (const { box, category } of truth) {
    context.setLineDash([5, 4]);
    // Light under dark, so that dashes show on any ground.
    for (const [width, stroke] of [
      [3, 'rgb(0 0 0 / 60%)'],
      [1.5, 'white'],
    ] as const) {
      context.lineWidth = width;
      context.strokeStyle = stroke;
      context.strokeRect(...place(box));
    }
    if (found.length === 0) label(context, classes[category] ?? '', place(box), 'black');
  }
  context.setLineDash([]);
  for (const { box, category, score } of found.toReversed()) {
    const stroke = colour(classColour(category));
    context.lineWidth = 2;
    context.strokeStyle = stroke;
    context.strokeRect(...place(box));
    label(context, `${classes[category] ?? ''} ${score.toFixed(2)}`, place(box), stroke);
  }
  context.restore();
}

function label(
  context: CanvasRenderingContext2D,
  text: string,
  [x, y]: readonly [number, number, number, number],
  ground: string,
): void {
  const width = context.measureText(text).width + 6;
  const bottom = Math.max(14, y);
  context.fillStyle = ground;
  context.fillRect(x - 1, bottom - 15, width, 15);
  context.fillStyle = ground === 'black' ? 'white' : 'black';
  // Dark themes have light colours and the other way round.
  if (getComputedStyle(document.documentElement).colorScheme === 'light') context.fillStyle = 'white';
  context.fillText(text, x + 2, bottom - 1);
}
