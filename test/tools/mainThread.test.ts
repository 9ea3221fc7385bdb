// Long tasks of the page's main thread in a trace: those of its own process, by CPU time, with what they spent it on.
import { expect, test } from 'vitest';
import { mainThreadLines, readTrace, type TraceEvent } from '../../tools/mainThread';

const event = (name: string, [ts, dur, tdur]: readonly [number, number, number], more: Partial<TraceEvent> = {}) => ({
  ...{ name, pid: 2, tid: 20, ts: ts * 1e3, dur: dur * 1e3, tdur: tdur * 1e3, args: {} },
  ...more,
});
const named = (pid: number, tid: number): TraceEvent => ({
  ...{ name: 'thread_name', pid, tid, ts: 0, args: { name: 'CrRendererMain' } },
});
const started: TraceEvent = {
  ...{ name: 'TracingStartedInBrowser', pid: 1, tid: 1, ts: 0 },
  args: { data: { frames: [{ processId: 2, isOutermostMainFrame: true }] } },
};
const call = { data: { functionName: 'draw', url: 'http://x/assets/Plot.js', lineNumber: 3, columnNumber: 7 } };

const trace: readonly TraceEvent[] = [
  ...[started, named(2, 20), named(3, 30)],
  event('RunTask', [1000, 10, 8]),
  event('RunTask', [2000, 300, 70]),
  event('FunctionCall', [2010, 250, 60], { args: call }),
  event('Layout', [2265, 20, 4]),
  event('RunTask', [3000, 200, 20]),
  event('RunTask', [3000, 200, 190], { pid: 3, tid: 30 }),
  event('RunTask', [3000, 200, 190], { tid: 21 }),
];

test('tasks are long by the CPU time of the main thread of the page', () => {
  const report = readTrace(trace, 20);
  expect(report).toMatchObject({ tasks: 3, longByClock: 2, cpuSeconds: 0.098, tracedSeconds: 2.2 });
  expect(report.long).toEqual([
    {
      ...{ seconds: 21, cpuMilliseconds: 70, wallMilliseconds: 300 },
      parts: ['60.0 FunctionCall Plot.js:3:7 draw', '4.0 Layout'],
    },
  ]);
  expect(mainThreadLines(report)).toEqual([
    'main thread: 3 tasks in 2 s, 0.1 s of CPU; 1 took more than 50 ms of CPU, 2 by the clock',
    '  at 21.0 s: 70.0 ms of CPU, 300 ms by the clock; 60.0 FunctionCall Plot.js:3:7 draw; 4.0 Layout',
  ]);
});

test('where no task is long the longest is named', () => {
  const [, ...lines] = mainThreadLines(readTrace(trace.filter(({ tdur = 0 }) => tdur < 50e3)));
  expect(lines).toEqual(['the longest at 2.0 s: 20.0 ms of CPU, 200 ms by the clock']);
});

test('a trace without the page has no tasks', () => {
  expect(readTrace([])).toMatchObject({ tasks: 0, longest: null, tracedSeconds: 0 });
});
