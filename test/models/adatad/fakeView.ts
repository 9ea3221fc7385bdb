// Made-up results on the demo's own videos: segments come nearer to the labels with training, and some stay wrong.
import { actionMap, bestThreshold, type DetectedAction } from '../../../src/metrics/tadMap';
import { demoFiles } from '../../../src/models/adatad/demoFiles';
import { demoClasses, demoVideos } from '../../../src/models/adatad/demoVideos';
import { shownActions } from '../../../src/models/adatad/shownActions';
import type { ActionVideoRow, AdatadView } from '../../../src/models/adatad/viewPayload';
import { seededRandom } from '../../../src/samples/seededRandom';
import { encodeVideo } from '../../../src/video/encodeVideo';
import { nothing, type FakeView } from '../../ui/fakeView/fakeView';

const options = { people: { train: 0, val: 2 }, videosEach: { train: 0, val: 2 } };
const overlaps = [0.3, 0.4, 0.5, 0.6, 0.7];
const sigma = 0.7;
const videos = demoVideos(options);
const files = (await demoFiles(encodeVideo, () => undefined, options)).slice(1);

function candidatesOf(seed: number, truth: ActionVideoRow['truth'], skill: number, seconds: number): DetectedAction[] {
  const random = seededRandom(seed);
  const near = truth.flatMap(({ segment: [start, end], label }) =>
    Array.from({ length: 5 }, (): DetectedAction => {
      const wrong = random() < 0.1 + 0.5 * (1 - skill);
      const [a, b] = [random() - 0.5, random() - 0.5];
      const loose = 0.6 + 2.5 * (1 - skill);
      const from = Math.max(0, start + loose * a);
      return {
        segment: [from, Math.min(seconds, Math.max(from + 0.3, end + loose * b))],
        label: wrong ? demoClasses[Math.floor(random() * demoClasses.length)]! : label,
        score: (0.25 + 0.7 * skill) * (1 - Math.abs(a) - Math.abs(b)) * (wrong ? 0.6 : 1),
      };
    }),
  );
  return near.filter(({ score }) => score > 0.001).sort((a, b) => b.score - a.score);
}

function fakeAdatadView(skill: number): AdatadView {
  const rows = videos.map(({ name, seed, actions, frames, framesPerSecond }, i): ActionVideoRow => {
    const durationSeconds = frames / framesPerSecond;
    return {
      ...{ path: files[i]!.path, name, media: files[i]!.blob, part: 'validation', durationSeconds, frames },
      truth: actions,
      candidates: candidatesOf(seed, actions, skill, durationSeconds),
    };
  });
  const truth = new Map(rows.map((row) => [row.path, row.truth]));
  const found = new Map(rows.map((row) => [row.path, shownActions(row.candidates, sigma, 0)]));
  const { map, perClass } = actionMap(truth, found, overlaps);
  const best = bestThreshold(truth, found);
  return {
    kind: 'adatad',
    classes: [...demoClasses].sort(),
    ...{ overlaps, map, sigma, best, videos: rows },
    perClass: [...perClass].map(([label, precision]) => ({ label, precision })),
    threshold: best?.score ?? 0.3,
  };
}

export const fake: FakeView = {
  viewAt: fakeAdatadView,
  cases: {
    empty: () => ({ ...nothing, after: { ...fakeAdatadView(1), videos: [] } }),
    unlabelled: () => {
      const view = fakeAdatadView(1);
      return { ...nothing, now: { ...view, videos: view.videos.map((video) => ({ ...video, truth: [] })) } };
    },
    unplayable: () => {
      const view = fakeAdatadView(1);
      return { ...nothing, after: { ...view, videos: view.videos.map((one) => ({ ...one, media: new Blob(['?']) })) } };
    },
  },
};
