// Key points of other programs: the same two people written in every form come back as the same 17 joints, followed and bridged.
import { describe, expect, it } from 'vitest';
import { readKeyPoints, type Film } from '../../src/annotations/keyPoints';
import { human36mFromCoco } from '../../src/figure/cocoJoints';
import type { DataFile } from '../../src/formats/dataFile';
import { poseItems } from '../../src/models/pose/poseItems';
import { floatNpy, npzFile } from '../formats/npyText';

const frames = 20;
const film: Film = { times: Float64Array.from({ length: frames }, (_, i) => i / 25), width: 640, height: 360 };

/** COCO's points of a body of `height` pixels that walks to the right; each point has a place of its own. */
function body(frame: number, left: number, height: number): number[] {
  return Array.from({ length: 17 }, (_, k) => [
    left + 2 * frame + 3 * k,
    (k / 16) * height + 20 + ((k * 7) % 5),
    0.5 + k / 40,
  ]).flat();
}

const large = (frame: number) => body(frame, 300, 240);
const small = (frame: number) => body(frame, 40, 90);
/** Nobody sees the large one for three frames; who is listed first changes. */
const gap = [7, 8, 9];
const people = Array.from({ length: frames }, (_, frame) => {
  const both = gap.includes(frame) ? [small(frame)] : [small(frame), large(frame)];
  return frame % 3 === 0 ? both.reverse() : both;
});

const json = (path: string, value: unknown): DataFile => ({ path, blob: new Blob([JSON.stringify(value)]) });
const list = <T>(make: (coco: number[], frame: number, i: number) => T) =>
  people.flatMap((here, frame) => here.map((coco, i) => make(coco, frame, i)));

/** The inverse of OpenPose's mapping, written out from its documentation: neck and mid hip are made up, feet are absent. */
function body25(coco: number[]): number[] {
  const from = [0, -1, 6, 8, 10, 5, 7, 9, -1, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3];
  const point = (k: number | undefined) => (k === undefined || k < 0 ? [0, 0, 0] : coco.slice(3 * k, 3 * k + 3));
  return Array.from({ length: 25 }, (_, i) => point(from[i])).flat();
}

function coco18(coco: number[]): number[] {
  const from = [0, -1, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3];
  return from.flatMap((k) => (k < 0 ? [0, 0, 0] : coco.slice(3 * k, 3 * k + 3)));
}

const pairs = (coco: number[]) => Array.from({ length: 17 }, (_, k) => coco.slice(3 * k, 3 * k + 2));
const scores = (coco: number[]) => Array.from({ length: 17 }, (_, k) => coco[3 * k + 2]);
const openPose = (points: (coco: number[]) => number[]) =>
  people.map((here, frame) =>
    json(`walk_${String(frame).padStart(12, '0')}_keypoints.json`, {
      version: 1.3,
      people: here.map((coco) => ({ person_id: [-1], pose_keypoints_2d: points(coco) })),
    }),
  );
const mmPose = people.map((here, frame) => ({
  frame_id: frame + 1,
  instances: here.map((coco) => ({ keypoints: pairs(coco), keypoint_scores: scores(coco) })),
}));
/** [P, F, 17, 3]; frames without a person are zeros. */
const stacked = (order: (coco: number[]) => ArrayLike<number>) => {
  const values = [large, small].flatMap((one) =>
    Array.from({ length: frames }, (_, frame) =>
      one === large && gap.includes(frame) ? Array<number>(51).fill(0) : Array.from(order(one(frame))),
    ).flat(),
  );
  return floatNpy([2, frames, 17, 3], (i) => values[i]!);
};

const forms: Readonly<Record<string, readonly DataFile[]>> = {
  'COCO results': [
    json(
      'a.json',
      list((keypoints, image_id) => ({ image_id, category_id: 1, keypoints, score: 0.9 })),
    ),
  ],
  'COCO results from 1': [
    json(
      'a.json',
      list((keypoints, frame) => ({ image_id: frame + 1, keypoints })),
    ),
  ],
  'COCO labels': [
    json('a.json', {
      images: people.map((_, i) => ({ id: 900 + i, width: 640, height: 360 })),
      annotations: list((keypoints, frame) => ({ image_id: 900 + frame, keypoints, num_keypoints: 17 })),
    }),
  ],
  AlphaPose: [
    json(
      'a.json',
      list((keypoints, frame) => ({ image_id: `${frame}.jpg`, keypoints, score: 3 })),
    ),
  ],
  'AlphaPose, Halpe and followed': [
    json(
      'a.json',
      list((coco, frame) => ({
        image_id: `${frame}.jpg`,
        keypoints: [...coco, ...Array<number>(27).fill(1)],
        idx: coco[1]! - coco[49]! < -200 ? 7 : 3,
      })),
    ),
  ],
  'OpenPose BODY_25': openPose(body25),
  'OpenPose COCO': openPose(coco18),
  'MMPose demo': [json('results_walk.json', { meta_info: {}, instance_info: mmPose })],
  'MMPose inferencer': [json('walk.json', mmPose)],
  "MotionAGFormer's npz": [
    { path: 'keypoints.npz', blob: new Blob([npzFile({ reconstruction: stacked(human36mFromCoco) })]) },
  ],
  'npz of COCO points': [{ path: 'keypoints.npz', blob: new Blob([npzFile({ keypoints: stacked((coco) => coco) })]) }],
};

describe.each(Object.entries(forms))('%s', (_, files) => {
  it('gives both people, the larger first, with gaps bridged and marked', async () => {
    const tracks = await readKeyPoints(files, film, 30);
    expect(tracks.map(({ name, width, height }) => [name, width, height])).toEqual([
      ['person 1', 640, 360],
      ['person 2', 640, 360],
    ]);
    for (const [track, made] of [
      [tracks[0]!, large],
      [tracks[1]!, small],
    ] as const) {
      expect(track.times).toEqual(film.times);
      for (let frame = 0; frame < frames; frame++) {
        const wanted = human36mFromCoco(made(frame));
        const own = track.points.subarray(frame * 51, frame * 51 + 51);
        // Walking evenly, what is bridged lies where it was.
        for (let i = 0; i < 51; i++)
          if (i % 3 < 2) expect(Math.abs(own[i]! - wanted[i]!), `${frame} ${i}`).toBeLessThan(1e-3);
      }
    }
    expect([...tracks[0]!.bridged!].flatMap((one, frame) => (one ? [frame] : []))).toEqual(gap);
    expect([...tracks[1]!.bridged!]).toEqual(Array(frames).fill(0));
  });
});

describe('a file of key points', () => {
  const results = (count: number) =>
    json(
      'a.json',
      Array.from({ length: count }, (_, image_id) => ({ image_id, keypoints: large(image_id % frames) })),
    );

  it('places joints that were not found between those before and after', async () => {
    const hidden = list((coco, frame) => ({
      image_id: frame,
      keypoints:
        frame === 4
          ? coco
              .with(3 * 15, 0)
              .with(3 * 15 + 1, 0)
              .with(3 * 15 + 2, 0)
          : coco,
    }));
    const [track] = await readKeyPoints([json('a.json', hidden)], film, 30);
    const ankle = 4 * 51 + 6 * 3;
    expect(track!.points[ankle]).toBeCloseTo(human36mFromCoco(large(4))[18]!, 3);
    expect([track!.points[ankle + 2], track!.bridged![4]]).toEqual([0, 0]);
  });

  it('needs its video where it does not say how large the picture is', async () => {
    await expect(readKeyPoints([results(20)], null, 30)).rejects.toThrow('how large the picture is');
    const labels = forms['COCO labels']!;
    const [track] = await readKeyPoints(labels, null, 50);
    expect(track!.times[1]).toBeCloseTo(0.02, 9);
  });

  it('is refused by name where it is of another video, broken, or something else', async () => {
    await expect(readKeyPoints([results(40)], film, 30)).rejects.toMatchObject({ code: 'key-points-other-video' });
    const short = [{ image_id: 0, keypoints: [1, 2, 3] }];
    await expect(readKeyPoints([json('a.json', short)], film, 30)).rejects.toThrow(/entry 1.*\(a\.json\)/);
    for (const value of [{}, [], 'x', { people: 3 }, [{ keypoints: 1 }]])
      await expect(readKeyPoints([json('b.json', value)], film, 30)).rejects.toThrow('(b.json)');
    const other = { path: 'c.npz', blob: new Blob([npzFile({ weights: floatNpy([2], () => 1) })]) };
    await expect(readKeyPoints([other], film, 30)).rejects.toThrow('(c.npz)');
  });

  it('says where a number of our own form is none', async () => {
    const points = [Array.from({ length: 17 }, () => [1, 2])];
    const text = JSON.stringify({ width: 9, height: 9, times: [0], points }).replace('[1,2]', '[NaN,2]');
    const file = { path: 'd.json', blob: new Blob([text]) };
    await expect(readKeyPoints([file], null, 30)).rejects.toMatchObject({ code: 'key-points-number' });
  });

  it('goes with the video of its name, also of the names that programs give', () => {
    const file = (path: string): DataFile => ({ path, blob: new Blob() });
    const videos = [file('in/walk.mp4'), file('in/run.mp4'), file('in/jump.mp4'), file('in/alone.mp4')];
    const points = [file('results_walk.json'), file('jump_keypoints.npz'), file('x.json')];
    const frames2 = [1, 0].map((frame) => file(`out/run_00000000000${frame}_keypoints.json`));
    const items = poseItems([...videos, ...points, ...frames2]);
    expect(items.map(({ name, files }) => [name, files.map(({ path }) => path)])).toEqual([
      ['in/walk.mp4', ['results_walk.json', 'in/walk.mp4']],
      ['in/jump.mp4', ['jump_keypoints.npz', 'in/jump.mp4']],
      ['x.json', ['x.json']],
      ['in/run.mp4', ['out/run_000000000000_keypoints.json', 'out/run_000000000001_keypoints.json', 'in/run.mp4']],
      ['in/alone.mp4', ['in/alone.mp4']],
    ]);
    expect(poseItems([videos[0]!, points[2]!])).toHaveLength(1);
  });
});
