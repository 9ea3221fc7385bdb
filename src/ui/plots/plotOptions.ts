// Options for uPlot from our curves: colours come from the theme's variables at the moment of drawing.
import type uPlot from 'uplot';
import { significant } from '../format/quantities';
import type { Curve } from './curves';

export interface PlotLook {
  readonly width: number;
  readonly height: number;
  readonly log: boolean;
  /** Where the vertical axis ends at most. */
  readonly top?: number | undefined;
  readonly locale: string;
  readonly syncKey: string;
}

export const swatches: Readonly<Record<Curve['role'], readonly string[]>> = {
  line: ['--plot-1'],
  faint: ['--plot-raw'],
  part: ['--plot-2', '--plot-3', '--plot-4'],
  baseline: ['--plot-baseline'],
  points: ['--plot-1'],
  best: ['--plot-mark'],
  run: ['--plot-1', '--plot-2', '--plot-3', '--plot-4', '--plot-mark'],
};

/** uPlot's enum is declared but has no value at run time. */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment
const logarithmic: uPlot.Scale.Distr = 3;

const dashes: readonly number[][] = [
  [6, 4],
  [2, 3],
  [8, 3, 2, 3],
];

const runDashes: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [8, 3, 2, 3], [12, 4]];

export function colourName(curve: Curve): string {
  const names = swatches[curve.role];
  return names[curve.index % names.length]!;
}

export function dashOf(curve: Curve): readonly number[] {
  if (curve.role === 'run') return runDashes[curve.index % runDashes.length]!;
  if (curve.role !== 'baseline' && curve.role !== 'part') return [];
  return dashes[curve.index % dashes.length]!;
}

/** A colour of the theme by its variable. */
type Colours = (name: string) => string;

/** Asked for once each: a plot is made anew with another theme, and asking in every drawing costs styles each time. */
function themeColours(): Colours {
  const known = new Map<string, string>();
  return (name) => {
    let colour = known.get(name);
    if (colour === undefined) {
      colour = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
      known.set(name, colour);
    }
    return colour;
  };
}

function seriesOf(curve: Curve, colours: Colours): uPlot.Series {
  const stroke = () => colours(colourName(curve));
  const marked = curve.role === 'best';
  return {
    label: curve.label,
    stroke,
    width: marked ? 0 : curve.role === 'faint' || curve.role === 'baseline' ? 1 : 1.75,
    dash: [...dashOf(curve)],
    // Validations are few, and runs that lie over one another have their points at steps of their own.
    spanGaps: curve.role === 'points' || curve.role === 'run',
    points: {
      show: marked || curve.role === 'points',
      size: marked ? 11 : 5,
      width: marked ? 2 : 1,
      stroke,
      fill: marked ? () => 'transparent' : stroke,
    },
  };
}

function axisOf(locale: string, colours: Colours): uPlot.Axis {
  return {
    stroke: () => colours('--plot-axis'),
    grid: { stroke: () => colours('--plot-grid'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
    // uPlot passes null for the ticks of a logarithmic axis that are too close to label.
    values: (_plot, splits: (number | null)[]) =>
      splits.map((split) => (split === null ? '' : significant(locale, split, 4))),
  };
}

/** A scale as uPlot makes it by itself, but for its end. */
function below(top: number): uPlot.Scale {
  const padding = 0.1;
  return {
    range: (_plot, min, max) => {
      const end = Math.min(max, top);
      const room = padding * Math.max(end - min, Math.abs(end) * 1e-3);
      return [Math.max(min - room, min >= 0 ? 0 : -Infinity), max > top ? top : end + room];
    },
  };
}

/** A dashed line from top to bottom at each place: what was changed there is told in the list beside the curves. */
function drawMarks(plot: uPlot, marks: readonly number[], colour: string): void {
  if (marks.length === 0) return;
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
  ctx.beginPath();
  for (const mark of marks) {
    const x = plot.valToPos(mark, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
  }
  ctx.stroke();
  ctx.restore();
}

/** `marks` are asked for at each drawing. */
export function plotOptions(
  curves: readonly Curve[],
  look: PlotLook,
  marks: () => readonly number[],
  hooks: uPlot.Hooks.Arrays,
): uPlot.Options {
  const colours = themeColours();
  return {
    width: look.width,
    height: look.height,
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { sync: { key: look.syncKey, scales: ['x', null] }, points: { size: 6 }, y: false },
    scales: {
      x: { time: false },
      y: look.log ? { distr: logarithmic } : look.top === undefined ? {} : below(look.top),
    },
    axes: [
      { ...axisOf(look.locale, colours), size: 24, space: 56 },
      { ...axisOf(look.locale, colours), size: 46, space: 28 },
    ],
    series: [{}, ...curves.map((curve) => seriesOf(curve, colours))],
    hooks: { ...hooks, drawClear: [(plot) => drawMarks(plot, marks(), colours('--plot-mark'))] },
  };
}
