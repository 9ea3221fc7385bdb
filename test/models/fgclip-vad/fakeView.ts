// Made-up results on the demo's own videos: scores rise where something passes, the more the better trained.
import { demoFiles } from '../../../src/models/fgclip-vad/demoFiles';
import { thingBox } from '../../../src/models/fgclip-vad/demoScene';
import { demoThings, demoVideos, type DemoVideo } from '../../../src/models/fgclip-vad/demoVideos';
import type { FgclipView, ViewVideo } from '../../../src/models/fgclip-vad/viewPayload';
import { seededRandom } from '../../../src/samples/seededRandom';
import { encodeVideo } from '../../../src/video/encodeVideo';
import { nothing, type FakeView } from '../../ui/fakeView/fakeView';

const options = { train: { normal: 0, each: 0 }, val: { normal: 1, each: 1 } };
const classes = ['Normal', ...demoThings];
const [every, side] = [3, 6];
const videos = demoVideos(options);
const files = (await demoFiles(encodeVideo, () => undefined, options)).slice(1);

function fakeVideo({ place, frames, framesPerSecond }: DemoVideo, number: number, skill: number): ViewVideo {
  const random = seededRandom(100 + number);
  const samples = Array.from({ length: Math.ceil(frames / every) }, (_, k) => k * every);
  const there = (frame: number): boolean => place !== null && place.start <= frame && frame < place.end;
  const score = Float32Array.from(samples, (frame) => 0.1 + 0.1 * random() + (there(frame) ? 0.7 * skill : 0.1));
  const category = place === null ? 0 : classes.indexOf(place.thing);
  const durationSeconds = frames / framesPerSecond;
  const places = samples.flatMap((frame) =>
    Array.from({ length: side * side }, (_, k) => {
      const [x, y] = [((k % side) + 0.5) / side, (Math.floor(k / side) + 0.5) / side];
      const [x0, y0, x1, y1] = there(frame) ? thingBox(place!, frame) : [2, 2, 2, 2];
      return 0.05 + (x0 <= x && x <= x1 && y0 <= y && y <= y1 ? 0.9 * skill : 0);
    }),
  );
  return {
    ...{ path: files[number]!.path, media: files[number]!.blob, frames, durationSeconds, start: 0 },
    ...{ className: classes[category]!, abnormal: place !== null, end: durationSeconds },
    times: Float64Array.from(samples, (frame) => frame / framesPerSecond),
    scores: { text: score, mil: score.map((one) => one * 0.9) },
    classes: Float32Array.from(
      [...score].flatMap((one) => classes.map((_, c) => (c === 0 ? 1 - one : c === category ? one : 0))),
    ),
    places: Float32Array.from(places),
    spans: place === null ? [] : [[place.start / framesPerSecond, place.end / framesPerSecond]],
    auc: place === null ? null : 0.5 + 0.5 * skill,
    stills: [],
  };
}

const viewAt = (skill: number): FgclipView => ({
  ...{ kind: 'fgclip-vad', classes, shown: 'mil', footage: false },
  videos: videos.map((video, number) => fakeVideo(video, number, skill)).reverse(),
});

export const fake: FakeView = {
  viewAt,
  cases: { footage: () => ({ ...nothing, after: { ...viewAt(1), footage: true } }) },
};
