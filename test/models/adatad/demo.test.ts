// The demo of action detection: the same each time, balanced, new people to be judged by, and movement that small pictures show.
import { describe, expect, it } from 'vitest';
import { parseActivityNet } from '../../../src/annotations/activityNet';
import { demoFiles } from '../../../src/models/adatad/demoFiles';
import { demoFrames } from '../../../src/models/adatad/demoFrame';
import { makeClothes, makeSetting } from '../../../src/models/adatad/demoLook';
import { makeScene } from '../../../src/models/adatad/demoScene';
import { demoClasses, demoVideos, type DemoVideo } from '../../../src/models/adatad/demoVideos';

const videos = demoVideos();
const of = (split: DemoVideo['split']) => videos.filter((video) => video.split === split);

function draw(video: DemoVideo, frame: number): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(video.side ** 2 * 4);
  demoFrames(video)(frame, pixels);
  return pixels;
}

describe("the demo's videos", () => {
  it('are the same for the same seed, and others for another', () => {
    expect(demoVideos()).toEqual(videos);
    expect(draw(videos[3]!, 40)).toEqual(draw(demoVideos()[3]!, 40));
    expect(draw(videos[3]!, 40)).not.toEqual(draw(demoVideos({ seed: 2 })[3]!, 40));
  });

  it.each(['train', 'val'] as const)('have every class equally often in %s, but for one', (split) => {
    const counts = demoClasses.map(
      (name) => of(split).flatMap((video) => video.actions.filter(({ label }) => label === name)).length,
    );
    expect(counts).toHaveLength(5);
    expect(Math.min(...counts)).toBeGreaterThan(4);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it('show in validation nobody and nothing that training has seen', () => {
    const people = (split: DemoVideo['split']) => new Set(of(split).map(({ person }) => person));
    expect([...people('val')].filter((person) => people('train').has(person))).toEqual([]);
    const looks = new Map(videos.map((video) => [video.person, makeClothes(video.personSeed)]));
    expect(new Set([...looks.values()].map((clothes) => JSON.stringify(clothes))).size).toBe(looks.size);
    const grounds = videos.map((video) => makeSetting(video.seed, looks.get(video.person)!).ground.join());
    expect(new Set(grounds).size).toBe(videos.length);
  });

  it('show people who are lighter than what is around them', () => {
    const light = (colour: readonly number[]): number => colour.reduce((sum, one) => sum + one, 0);
    for (const { personSeed, seed } of videos) {
      const clothes = makeClothes(personSeed);
      const { ground, backdrop } = makeSetting(seed, clothes);
      const darkest = Math.min(light(clothes.shirt), light(clothes.trousers));
      expect(darkest - Math.max(light(ground), light(backdrop))).toBeGreaterThan(100);
    }
  });

  it('leave standing before, between and after the actions', () => {
    for (const { actions, frames, framesPerSecond } of videos) {
      const ends = [0, ...actions.map(({ segment }) => segment[1])];
      const starts = [...actions.map(({ segment }) => segment[0]), frames / framesPerSecond];
      starts.forEach((start, i) => expect(start - ends[i]!).toBeGreaterThan(0.3));
    }
  });

  it('move while somebody acts more than while they stand', () => {
    const means = [0, 0];
    const counts = [0, 0];
    for (const video of of('val')) {
      const { world } = makeScene(video);
      for (let frame = 1; frame < video.frames; frame++) {
        const t = frame / video.framesPerSecond;
        if (video.actions.some(({ segment }) => segment.some((end) => Math.abs(end - t) < 0.3))) continue;
        const acts = video.actions.some(({ segment: [start, end] }) => t > start && t < end) ? 1 : 0;
        let moved = 0;
        for (let i = 0; i < 51; i++) moved += Math.abs(world[frame * 51 + i]! - world[(frame - 1) * 51 + i]!) / 51;
        means[acts]! += moved;
        counts[acts]! += 1;
      }
    }
    expect(means[1]! / counts[1]!).toBeGreaterThan(4 * (means[0]! / counts[0]!));
  });

  it('begin and end actions without a jump', () => {
    for (const video of videos) {
      const { world } = makeScene(video);
      for (let frame = 1; frame < video.frames; frame++)
        for (const axis of [0, 2]) {
          const root = (at: number): number => world[at * 51 + axis]!;
          expect(Math.abs(root(frame) - root(frame - 1))).toBeLessThan(3200 / video.framesPerSecond);
        }
    }
  });

  it('keep the person in the picture', () => {
    for (const video of videos) {
      const { world, cameras } = makeScene(video);
      for (let frame = 0; frame < video.frames; frame++) {
        const { rotation: r, centre, fx, cx } = cameras[frame]!;
        const [x, y, z] = [0, 1, 2].map((axis) => world[frame * 51 + axis]! - centre[axis]!) as [
          number,
          number,
          number,
        ];
        const depth = r[6]! * x + r[7]! * y + r[8]! * z;
        const across = (fx * (r[0]! * x + r[1]! * y + r[2]! * z)) / depth + cx;
        expect(across).toBeGreaterThan(0.05 * video.side);
        expect(across).toBeLessThan(0.95 * video.side);
      }
    }
  });
});

it("the demo's labels are read as anybody's", async () => {
  const encode = () => Promise.resolve(new Blob([], { type: 'video/mp4' }));
  const [labels, ...files] = await demoFiles(encode, () => undefined);
  const { entries, classes, unusable } = parseActivityNet(await labels!.blob.text(), labels!.path);
  expect(unusable).toEqual([]);
  expect(classes).toEqual([...demoClasses].sort());
  expect(files.map(({ path }) => path)).toEqual(entries.map(({ name }) => `demo/${name}.mp4`));
  expect(entries.map(({ split }) => split)).toEqual(videos.map(({ split }) => split));
  expect(entries[0]!.segments[0]).toMatchObject({ label: videos[0]!.actions[0]!.label });
});
