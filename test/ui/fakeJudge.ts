// What weights say and what judging tells, made up: faces with scores that rise along the video, a window at a time.
import { presetSettings } from '../../src/ui/config/settingValues';
import type { JudgeConfig, JudgeEvent, WeightChoice, WeightsSaid } from '../../src/training/judging/judgeProtocol';
import type { JudgedResult } from '../../src/training/judging/judgedResult';
import { findTask } from '../../src/ui/tasks';

/** By the file's name: `faces…` knows what it is, `actions…` and `poses…` do not; null for anything else. */
export function fakeSaid(weights: WeightChoice): WeightsSaid | null {
  const path = weights.kind === 'files' ? weights.files[0]!.path : '';
  const about = { path, format: 'safetensors', bytes: 4096, tensors: 12, card: null, guesses: [] } as const;
  const settings = (name: string) => presetSettings(findTask(name)!, findTask(name)!.defaultPreset);
  const guess = { matched: 100, expected: 100, moreClasses: false, vocabulary: false };
  if (path.startsWith('faces'))
    return {
      ...about,
      card: {
        ...{ version: 1, task: 'mntsm', preset: 'demo', settings: settings('mntsm'), facts: {}, step: 240, epoch: 4 },
        ...{ weights: 'raw', metric: { name: 'video AUC', value: 0.93 } },
      },
    };
  if (path.startsWith('actions'))
    return {
      ...about,
      guesses: [{ ...guess, task: 'adatad', preset: 'small', settings: settings('adatad'), classes: 3 }],
    };
  if (path.startsWith('poses'))
    return {
      ...about,
      guesses: [{ ...guess, task: 'pose', preset: 'narrow', settings: settings('pose'), classes: 0 }],
    };
  return null;
}

const clipSeconds = 0.25;

/** Each file as a face in clips, the next after `goOn` says so; a file named `broken…` is refused. */
export async function fakeJudge(
  { files, task, settings, facts, weightsName }: JudgeConfig,
  tell: (event: JudgeEvent) => void,
  goOn: () => Promise<boolean>,
): Promise<void> {
  tell({ type: 'compile', what: 'kernels', done: 31, total: 58 });
  const videos = files.filter(({ path }) => !/\.onnx/.test(path));
  tell({ type: 'items', names: videos.map(({ path }) => path) });
  tell({ type: 'ready', plannedBytes: 3 << 20, weightBytes: 1 << 20, batch: 1 });
  for (const [item, { path }] of videos.entries()) {
    if (!(await goOn())) return;
    if (path.startsWith('broken')) {
      const message = `This container is not known here (${path})`;
      tell({ type: 'refused', item, error: { kind: 'user', code: 'made-up', message, detail: {}, stack: '' } });
      continue;
    }
    const head = { startSeconds: 0, seconds: 1, frames: 12, width: 96, height: 64 };
    tell({ type: 'opened', item, head });
    for (let clips = 1; clips <= 4; clips++) {
      if (!(await goOn())) return;
      const result: JudgedResult = {
        ...{
          format: 'tabtune-result',
          version: 1,
          resultId: `${path} ${item}`,
          task,
          name: path,
          createdAt: Date.now(),
        },
        ...{ by: { name: weightsName, settings, facts }, head, untilSeconds: clips * clipSeconds, whole: clips === 4 },
        ...{ notices: [], findings: task === 'mntsm' ? { faces: [face(clips)] } : emptyFindings(task) },
      };
      tell({ type: 'result', item, result, secondsLeft: 4 - clips });
    }
  }
}

function face(count: number) {
  const clips = Array.from({ length: count }, (_, i) => {
    const times = [i * clipSeconds, i * clipSeconds + 0.125];
    return { times, score: 0.5 + i / 10, attention: [0.25, 0.75], frameScores: [0.5 + i / 10, 0.4 + i / 10] };
  });
  const times = clips.flatMap((clip) => clip.times);
  return { name: 'face 1', times, boxes: times.map(() => [0.2, 0.2, 0.4, 0.5]), clips };
}

function emptyFindings(task: string): unknown {
  return task === 'pose' ? { people: [] } : { classes: ['jump'], windows: [] };
}
