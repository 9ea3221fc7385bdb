// What a manifest.json says of each video file, and the verdict on what a browser made of it.
import type { DecodedFile } from './checkVideoPage';

export interface ManifestFile {
  readonly file: string;
  readonly video_streams: number;
  readonly decoded_frames?: number;
  readonly coded?: readonly [number, number];
  readonly rotation?: number;
  readonly sar?: string | null;
  readonly first_pts?: number;
  readonly last_pts?: number;
  readonly pts?: readonly number[];
  readonly grid4x4_rgb?: Readonly<Record<string, readonly number[]>>;
  /** In words; a code among them, as in `refuse: video-codec`, is what the sentence must be. */
  readonly expect?: string;
  readonly ffprobe_messages?: readonly string[];
}

const levels = 12;
/** The manifest rounds times to four places. */
const roundedSeconds = 6e-5;
const brokenMilliseconds = 3000;

/** What is wrong, one phrase each; nothing where the file behaves as it should. */
export function faults(wanted: ManifestFile, got: DecodedFile): string[] {
  const expect = wanted.expect ?? '';
  const found: string[] = [];
  const isBroken = expect !== '' || wanted.ffprobe_messages !== undefined;
  if (isBroken && got.milliseconds > brokenMilliseconds) found.push(`took ${got.milliseconds.toFixed(0)} ms`);
  for (const error of [got.refusal, got.problem])
    if (error && !error.message.includes(wanted.file))
      found.push(`the sentence does not name the file: ${error.message}`);
  const code = /\bvideo-[a-z-]+\b/.exec(expect)?.[0];
  const told = [got.refusal?.code, got.problem?.code, ...got.notices].filter((one) => one !== undefined);
  if (code !== undefined && !told.includes(code))
    found.push(`should say ${code}, but says ${told.join(', ') || 'nothing'}`);
  const mustRefuse = wanted.video_streams === 0 || !wanted.decoded_frames || /^(must be )?refuse/.test(expect);
  const mayRefuse = /message|^as /.test(expect);
  if (got.refusal) {
    if (!mustRefuse && !mayRefuse) found.push(`refused: ${got.refusal.message}`);
    if (/codec|container|hevc/i.test(expect) && !got.refusal.message.includes('ffmpeg -i'))
      found.push(`no line for ffmpeg: ${got.refusal.message}`);
    return found;
  }
  if (mustRefuse) return [...found, `decoded ${got.times.length} frames of a file to be refused`];
  if (/damage/.test(expect)) return found;
  if (got.problem) found.push(got.problem.message);
  if (/short/.test(expect) && !got.notices.includes('video-short')) found.push('does not say that the file is short');
  if (wanted.video_streams > 1 && !got.notices.includes('video-tracks')) found.push('does not say which track');
  return [...found, ...sizeFaults(wanted, got), ...timeFaults(wanted, got), ...colourFaults(wanted, got)];
}

function sizeFaults({ coded, rotation = 0, sar }: ManifestFile, { facts }: DecodedFile): string[] {
  if (!coded || !facts) return [];
  const [aspectWidth, aspectHeight] = (sar ?? '1:1').split(':').map(Number) as [number, number];
  const size = [Math.round((coded[0] * aspectWidth) / aspectHeight), coded[1]];
  if (rotation % 180 !== 0) size.reverse();
  const shown = [facts.width, facts.height];
  return shown[0] === size[0] && shown[1] === size[1] ? [] : [`shown as ${shown.join('×')}, not ${size.join('×')}`];
}

function timeFaults(wanted: ManifestFile, { times }: DecodedFile): string[] {
  if (times.length !== wanted.decoded_frames) return [`${times.length} frames, not ${wanted.decoded_frames}`];
  const pts =
    wanted.pts ??
    times.map((_, i) => (i === 0 ? wanted.first_pts : i === times.length - 1 ? wanted.last_pts : undefined));
  // Where ffmpeg has no time for a frame it repeats the next one's.
  const isKnown = (i: number) => pts[i] !== undefined && pts[i] !== pts[i + 1];
  const wrong = times.findIndex((time, i) => isKnown(i) && Math.abs(time - pts[i]!) > roundedSeconds);
  return wrong < 0 ? [] : [`frame ${wrong} at ${times[wrong]} s, not ${pts[wrong]}`];
}

function colourFaults(wanted: ManifestFile, got: DecodedFile): string[] {
  const worst = worstColour(wanted, got);
  return worst <= levels ? [] : [`colours off by ${worst.toFixed(1)} levels`];
}

/** Largest difference of a colour, in levels; Infinity where a frame was not measured. */
export function worstColour({ grid4x4_rgb = {} }: ManifestFile, { grids }: DecodedFile): number {
  let worst = 0;
  for (const [frame, values] of Object.entries(grid4x4_rgb))
    for (const [i, value] of values.entries())
      worst = Math.max(worst, Math.abs((grids[frame]?.[i] ?? Infinity) - value));
  return worst;
}
