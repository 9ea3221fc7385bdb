// The demo's videos must be tellable by what a manipulation leaves in a place, and by nothing that is easier to see.
import { beforeAll, describe, expect, it } from 'vitest';
import { reportFaces } from '../../../src/annotations/faceClips';
import { readFaceList } from '../../../src/annotations/faceList';
import { Folder } from '../../../src/annotations/folder';
import { binaryScores } from '../../../src/metrics/binaryScores';
import { demoFiles } from '../../../src/models/mntsm/demoFiles';
import type { EncodeVideo } from '../../../src/video/drawnVideos';
import { drawDemoFrame } from '../../../src/models/mntsm/demoFrame';
import { makeMovement } from '../../../src/figure/headPose';
import { demoVideos, type DemoVideo } from '../../../src/models/mntsm/demoVideos';

const videos = demoVideos();
const SIDE = 96;

function draw(video: DemoVideo, frame: number): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(SIDE * SIDE * 4);
  drawDemoFrame(video, frame, pixels);
  return pixels;
}

/** A network sees frames of 64 pixels after a codec has smoothed them: half the size stands for both. */
function halved(pixels: Uint8ClampedArray): Float32Array {
  const half = SIDE / 2;
  const grey = (x: number, y: number): number => pixels[(y * SIDE + x) * 4 + 1]!;
  return Float32Array.from({ length: half * half }, (_, i) => {
    const [x, y] = [(i % half) * 2, Math.floor(i / half) * 2];
    return (grey(x, y) + grey(x + 1, y) + grey(x, y + 1) + grey(x + 1, y + 1)) / 4;
  });
}

/** Mean difference of neighbours within an ellipse around the face, by radius in its half axes. */
function sharpness({ seed, framesPerSecond, look }: DemoVideo, frame: number, grey: Float32Array): [number, number] {
  const half = SIDE / 2;
  const pose = makeMovement(seed)(frame / framesPerSecond);
  const [sums, counts] = [
    [0, 0],
    [0, 0],
  ] as [[number, number], [number, number]];
  for (let y = 1; y < half - 1; y++) {
    for (let x = 1; x < half - 1; x++) {
      const u = (x / half - pose.x) / look.width;
      const v = (y / half - pose.y) / look.height - 0.1;
      const radius = Math.hypot(u, v);
      if (radius > 0.85) continue;
      const at = y * half + x;
      const rough = Math.abs(4 * grey[at]! - grey[at - 1]! - grey[at + 1]! - grey[at - half]! - grey[at + half]!);
      const ring = radius < 0.6 ? 0 : 1;
      sums[ring] += rough;
      counts[ring]++;
    }
  }
  return [sums[0] / counts[0], sums[1] / counts[1]];
}

/** How well a number per video tells manipulated ones, either way round: 0.5 is not at all. */
function areaOf(scores: ReadonlyMap<DemoVideo, number>): number {
  const values = [...scores.values()];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const judged = [...scores].map(([{ kind }, score]) => ({
    score: (score - least) / (most - least),
    positive: kind !== 'real',
  }));
  const auc = binaryScores(judged).auc!;
  return Math.max(auc, 1 - auc);
}

describe('the videos of the demo', () => {
  it('are the same every time, frame by frame', () => {
    const again = demoVideos();
    for (const i of [0, 1, 2, 83])
      for (const frame of [0, 17]) expect(draw(again[i]!, frame)).toEqual(draw(videos[i]!, frame));
    const other = demoVideos({ seed: 2 })[0]!;
    expect(draw(other, 0)).not.toEqual(draw(videos[0]!, 0));
  });

  it('show nobody of the validation in training, not as a donor either', () => {
    const looks = (split: string) =>
      new Set(
        videos.flatMap((video) => (video.split === split ? [video.look, video.manipulation?.donor ?? video.look] : [])),
      );
    expect([looks('train').size, looks('val').size]).toEqual([9, 5]);
    expect([...looks('val')].some((look) => looks('train').has(look))).toBe(false);
    expect(new Set(videos.map(({ name }) => name)).size).toBe(videos.length);
  });

  it('change a manipulated face and nothing around it', () => {
    const [real, swap, blend] = videos as [DemoVideo, DemoVideo, DemoVideo];
    for (const fake of [swap, blend]) {
      const [a, b] = [draw(real, 5), draw(fake, 5)];
      let changed = 0;
      for (let i = 0; i < a.length; i += 4) {
        if (a[i] === b[i] && a[i + 1] === b[i + 1] && a[i + 2] === b[i + 2]) continue;
        changed++;
        const pose = makeMovement(real.seed)(5 / real.framesPerSecond);
        const u = (((i / 4) % SIDE) / SIDE - pose.x) / real.look.width;
        const v = (Math.floor(i / 4 / SIDE) / SIDE - pose.y) / real.look.height;
        expect(Math.hypot(u, v)).toBeLessThan(1.15);
      }
      expect(changed / (SIDE * SIDE)).toBeGreaterThan(0.08);
    }
  });

  it('move from frame to frame, without jumps', () => {
    for (const video of videos.filter(({ kind }) => kind === 'real')) {
      const pose = makeMovement(video.seed);
      const places = Array.from({ length: video.frames }, (_, frame) => pose(frame / video.framesPerSecond));
      const steps = places.slice(1).map(({ x, y }, i) => Math.hypot(x - places[i]!.x, y - places[i]!.y) * SIDE);
      expect(Math.max(...steps)).toBeLessThan(3);
      expect(Math.max(...steps)).toBeGreaterThan(0.3);
    }
  });
});

describe('what tells the manipulated videos of the demo', () => {
  const measured = new Map<string, Map<DemoVideo, number>>();
  beforeAll(() => {
    for (const video of videos) {
      const all: Record<string, number> = {
        red: 0,
        green: 0,
        blue: 0,
        brightness: 0,
        contrast: 0,
        within: 0,
        ratio: 0,
      };
      for (const frame of [3, 14, 25]) {
        const pixels = draw(video, frame);
        const means = [0, 1, 2].map((c) => pixels.reduce((sum, value, i) => (i % 4 === c ? sum + value : sum), 0));
        const grey = halved(pixels);
        const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
        const [inner, outer] = sharpness(video, frame, grey);
        const values: Record<string, number> = {
          red: means[0]!,
          green: means[1]!,
          blue: means[2]!,
          brightness: means[0]! + means[1]! + means[2]!,
          contrast: Math.sqrt(grey.reduce((sum, value) => sum + (value - mean) ** 2, 0) / grey.length),
          within: inner,
          ratio: inner / outer,
        };
        for (const name of Object.keys(all)) all[name]! += values[name]! / 3;
      }
      for (const [name, value] of Object.entries(all))
        measured.set(name, (measured.get(name) ?? new Map<DemoVideo, number>()).set(video, value));
    }
  });

  it.each(['red', 'green', 'blue', 'brightness', 'contrast'])('is not %s', (name) => {
    expect(areaOf(measured.get(name)!)).toBeLessThan(0.6);
  });

  it('is how sharp the face is, even more so beside its rim', () => {
    const [within, ratio] = ['within', 'ratio'].map((name) => areaOf(measured.get(name)!));
    expect(within).toBeGreaterThan(0.8);
    expect(ratio).toBeGreaterThan(0.9);
  });
});

describe("the demo's files", () => {
  const drawn: string[] = [];
  const encode: EncodeVideo = async ({ width, height, framesPerSecond, frames }) => {
    let count = 0;
    let last = new Uint8ClampedArray(0);
    for await (const pixels of frames) {
      last = Uint8ClampedArray.from(pixels);
      count += 1;
    }
    drawn.push(`${width} x ${height}, ${count} at ${framesPerSecond}, ${last[3]!}`);
    return new Blob([last], { type: 'video/webm' });
  };
  const options = { people: { train: 3, val: 2 }, videosEach: 1, side: 32, seconds: 1, framesPerSecond: 10 };

  it('are read like any dropped folder, with the split and the people that they name', async () => {
    const told: string[] = [];
    const files = await demoFiles(encode, (_what, done, total) => void told.push(`${done}/${total}`), options);
    const folder = new Folder(files);
    const set = await readFaceList(folder, folder.withExtension('json')[0]!);
    expect(set.unusable).toEqual([]);
    expect(set.notices).toEqual([]);
    expect(set.items.map(({ kind, label }) => `${kind} ${label}`).slice(0, 3)).toEqual([
      'real real',
      'swap fake',
      'blend fake',
    ]);
    const people = (split: string) =>
      new Set(set.items.filter((item) => item.split === split).flatMap(({ identities }) => identities));
    expect([people('train').size, people('val').size]).toEqual([3, 2]);
    expect([...people('val')].some((person) => people('train').has(person))).toBe(false);
    expect(set.items[0]).toMatchObject({ frames: 10, framesPerSecond: 10, path: 'demo/clips/person01_1_real.webm' });
    expect(reportFaces(set)).toMatchObject({ usable: 15 });
    expect(drawn).toEqual(Array(15).fill('32 x 32, 10 at 10, 255'));
    expect([told[0], told.at(-1)]).toEqual(['0/15', '15/15']);
  });

  it('stop where the person cancels', async () => {
    const cancel = (_what: string, done: number): void => {
      if (done === 2) throw new Error('cancelled');
    };
    drawn.length = 0;
    await expect(demoFiles(encode, cancel, options)).rejects.toThrow('cancelled');
    expect(drawn.length).toBe(2);
  });
});
