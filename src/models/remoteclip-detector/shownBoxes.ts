// Which found boxes are shown while thresholds are moved, and how boxes are drawn over a picture.
import type { Corners, FoundBox, TrueBox } from '../../metrics/judgedBoxes';
import type { BoxBar } from '../../ui/corrections/boxBars';
import type { Colour } from '../../ui/player/draw';
import { MOST_BOXES, suppressed } from './results';

export interface ShownOptions {
  readonly minScore: number;
  readonly iouThreshold: number;
  /** Null for all. */
  readonly category: number | null;
}

/** Boxes with enough score after suppression within their class, best first. */
export function shownBoxes(found: readonly FoundBox[], { minScore, iouThreshold, category }: ShownOptions): FoundBox[] {
  const wanted = found.filter((one) => one.score >= minScore && (category === null || one.category === category));
  return suppressed(wanted, iouThreshold).slice(0, MOST_BOXES);
}

/** Labelled boxes dashed, found ones solid. */
export function drawBars(
  context: CanvasRenderingContext2D,
  bars: readonly BoxBar[],
  classes: readonly string[],
  fit: Fit,
  colour: Colour,
): void {
  const truth = bars.filter(({ score }) => score === null);
  const found = bars.filter((bar): bar is BoxBar & { readonly score: number } => bar.score !== null);
  const category = ({ label }: BoxBar): number => classes.indexOf(label);
  drawBoxes(
    context,
    {
      truth: truth.map((bar) => ({ box: bar.box, category: category(bar) })),
      found: found.map((bar) => ({ box: bar.box, category: category(bar), score: bar.score })),
    },
    classes,
    fit,
    colour,
  );
}

const colours = ['--plot-1', '--plot-2', '--plot-3', '--plot-4'] as const;

/** Name of the theme's variable for a class. */
export function classColour(category: number): string {
  return colours[Math.max(0, category) % colours.length]!;
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
