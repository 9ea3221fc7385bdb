// What the page's main thread does in long tasks, by CPU time, which a busy machine does not stretch.
import type { Browser } from 'playwright';

/** Times of an event in microseconds: `dur` by the clock, `tdur` of the thread's CPU. */
export interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: {
    readonly name?: string;
    readonly data?: {
      readonly frames?: readonly { readonly processId: number; readonly isOutermostMainFrame?: boolean }[];
      readonly functionName?: string;
      readonly url?: string;
      readonly lineNumber?: number;
      readonly columnNumber?: number;
    };
  };
}

export interface Task {
  readonly seconds: number;
  readonly cpuMilliseconds: number;
  readonly wallMilliseconds: number;
  /** What took most of it, the longest first. */
  readonly parts: readonly string[];
}

export interface MainThread {
  readonly tracedSeconds: number;
  readonly cpuSeconds: number;
  readonly tasks: number;
  /** How many took more than the limit by the clock, and those that took it of the CPU. */
  readonly longByClock: number;
  readonly long: readonly Task[];
  readonly longest: Task | null;
}

export const limitMilliseconds = 50;
/** A trace of all events of five minutes would be larger than a string may be. */
const sliceSeconds = 20;
const partsShown = 6;

/** The tasks of the page's main thread in a trace. `seconds` are added to their times. */
export function readTrace(events: readonly TraceEvent[], seconds = 0): MainThread {
  const frames = events.find(({ name }) => name === 'TracingStartedInBrowser')?.args.data?.frames ?? [];
  const pid = frames.find(({ isOutermostMainFrame }) => isOutermostMainFrame)?.processId;
  const thread = events.find(
    (one) => one.name === 'thread_name' && one.args.name === 'CrRendererMain' && one.pid === pid,
  );
  const own = events.filter((one) => one.pid === pid && one.tid === thread?.tid && one.dur !== undefined);
  const begun = own.reduce((first, { ts }) => Math.min(first, ts), Infinity);
  const ended = own.reduce((last, { ts, dur = 0 }) => Math.max(last, ts + dur), begun);
  const runs = own.filter(({ name }) => name === 'RunTask');
  const taskOf = (run: TraceEvent): Task => ({
    seconds: seconds + (run.ts - begun) / 1e6,
    cpuMilliseconds: (run.tdur ?? 0) / 1e3,
    wallMilliseconds: run.dur! / 1e3,
    parts: partsOf(run, own),
  });
  const longest = runs.reduce<TraceEvent | null>((a, b) => ((b.tdur ?? 0) > (a?.tdur ?? -1) ? b : a), null);
  return {
    tracedSeconds: own.length === 0 ? 0 : (ended - begun) / 1e6,
    cpuSeconds: runs.reduce((sum, { tdur = 0 }) => sum + tdur, 0) / 1e6,
    tasks: runs.length,
    longByClock: runs.filter(({ dur }) => dur! > 1e3 * limitMilliseconds).length,
    long: runs.filter(({ tdur = 0 }) => tdur > 1e3 * limitMilliseconds).map(taskOf),
    longest: longest && taskOf(longest),
  };
}

function partsOf(run: TraceEvent, events: readonly TraceEvent[]): string[] {
  return events
    .filter((one) => one !== run && one.ts >= run.ts && one.ts < run.ts + run.dur! && one.name !== 'RunTask')
    .sort((a, b) => (b.tdur ?? 0) - (a.tdur ?? 0))
    .slice(0, partsShown)
    .map(({ name, tdur = 0, args: { data } }) => {
      const file = data?.url?.split('/').at(-1);
      const place = file ? ` ${file}:${data?.lineNumber}:${data?.columnNumber} ${data?.functionName ?? ''}` : '';
      return `${(tdur / 1e3).toFixed(1)} ${name}${place.trimEnd()}`;
    });
}

/** Traces the page of a browser for so long, in slices. */
export async function watchMainThread(browser: Browser, seconds: number): Promise<MainThread> {
  const began = performance.now();
  const passed = (): number => (performance.now() - began) / 1e3;
  const slices: MainThread[] = [];
  while (passed() < seconds) {
    const page = browser.contexts()[0]!.pages()[0]!;
    const from = passed();
    await browser.startTracing(page, { categories: ['devtools.timeline', 'disabled-by-default-devtools.timeline'] });
    await new Promise((resolve) => setTimeout(resolve, 1e3 * Math.min(sliceSeconds, seconds - from)));
    const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
    slices.push(readTrace(traceEvents, from));
  }
  return slices.reduce(joined);
}

function joined(a: MainThread, b: MainThread): MainThread {
  const moreOfA = (a.longest?.cpuMilliseconds ?? 0) >= (b.longest?.cpuMilliseconds ?? 0);
  return {
    tracedSeconds: a.tracedSeconds + b.tracedSeconds,
    cpuSeconds: a.cpuSeconds + b.cpuSeconds,
    tasks: a.tasks + b.tasks,
    longByClock: a.longByClock + b.longByClock,
    long: [...a.long, ...b.long],
    longest: moreOfA ? a.longest : b.longest,
  };
}

/** For people, the tasks above the limit one by one. */
export function mainThreadLines({
  tracedSeconds,
  cpuSeconds,
  tasks,
  longByClock,
  long,
  longest,
}: MainThread): string[] {
  const lineOf = ({ seconds, cpuMilliseconds, wallMilliseconds, parts }: Task): string =>
    [
      `  at ${seconds.toFixed(1)} s: ${cpuMilliseconds.toFixed(1)} ms of CPU, ${wallMilliseconds.toFixed(0)} ms by the clock`,
      ...parts,
    ].join('; ');
  return [
    `main thread: ${tasks} tasks in ${tracedSeconds.toFixed(0)} s, ${cpuSeconds.toFixed(1)} s of CPU; ` +
      `${long.length} took more than ${limitMilliseconds} ms of CPU, ${longByClock} by the clock`,
    ...(long.length > 0 ? long.map(lineOf) : longest ? [`the longest${lineOf(longest).slice(1)}`] : []),
  ];
}
