// What leaves Try of a lifted person comes back from our own readers: as BVH upright and where it stood, as .npz to the digit.
import { expect, it } from 'vitest';
import { parseBvh } from '../../src/annotations/bvh';
import { bvhFamilies, mapJoints, recogniseFamily } from '../../src/annotations/bvhFamilies';
import { worldPositions } from '../../src/annotations/bvhKinematics';
import { actions } from '../../src/figure/actions';
import { makeBody, recordMotion } from '../../src/figure/motion';
import { readNpz } from '../../src/formats/npz';
import { findings } from '../../src/models/pose/findings';
import type { JudgedPerson } from '../../src/models/pose/poseFindings';
import { personPoses, type PoseResult } from '../../src/models/pose/shownPerson';
import { seededRandom } from '../../src/samples/seededRandom';

const live = { bodyHeight: 1700, smoothing: 0, person: 1 };
const millimetresPerPixel = 4;

/** A walk as it is lifted: every other frame comes 10 ms late, as in recordings of a screen. */
function walker(): { person: JudgedPerson; world: Float64Array } {
  const random = seededRandom(3);
  const world = Float64Array.from(recordMotion(makeBody(random), actions['walk'](random), 25, 2));
  const frames = world.length / 51;
  const root = (i: number) => i - (i % 51) + (i % 3);
  const flip = (value: number, axis: number) => (axis === 0 ? value : -value) / millimetresPerPixel;
  const person: JudgedPerson = {
    ...{ name: 'person 1', width: 1920, height: 1080, bridged: [3, 4] },
    times: Array.from({ length: frames }, (_, i) => 5 + i / 25 + (i % 2) / 100),
    poses: Array.from(world, (value, i) => flip(value - world[root(i)]!, i % 3)),
    input: Array.from(world, (value, i) => (i % 3 === 2 ? 0.9 : flip(value, i % 3) + (i % 3 === 0 ? 960 : 540))),
    millimetresPerPixel: Array.from({ length: frames }, () => millimetresPerPixel),
  };
  return { person, world };
}

function write(name: string, person: JudgedPerson): string | Uint8Array<ArrayBuffer> {
  const result = { name: 'walk.mp4', findings: { people: [person] } } as unknown as PoseResult;
  const offer = findings.exports.find((one) => one.name === name)!;
  expect(offer.offers?.(result) ?? true).toBe(true);
  return offer.write([result], live);
}

it('writes a BVH that stands on its feet, moves across as in the picture and turns as the body does', () => {
  const { person, world } = walker();
  const motion = parseBvh(write('bvh', person) as string, 'walk.bvh');
  const joints = mapJoints(recogniseFamily(motion.nodes, bvhFamilies)!, motion.nodes, worldPositions(motion));
  const frames = joints.length / 51;
  expect(frames).toBe(world.length / 51);
  expect(1 / motion.secondsPerFrame).toBeCloseTo((frames - 1) / (person.times.at(-1)! - 5), 2);
  let worst = 0;
  for (let frame = 0; frame < frames; frame += 2) {
    const [head, feet] = [joints[frame * 51 + 31]!, [3, 6].map((joint) => joints[frame * 51 + joint * 3 + 1]!)];
    expect(head - Math.max(...feet)).toBeGreaterThan(1000);
    expect(Math.abs(Math.min(...feet))).toBeLessThan(80);
    // Even frames lie at even times, but for what the odd ones shift the whole by.
    expect(joints[frame * 51]! - joints[0]!).toBeCloseTo(world[frame * 51]! - world[0]!, -1.5);
    for (let i = 3; i < 51; i++) {
      const relative = (all: ArrayLike<number>) => all[frame * 51 + i]! - all[frame * 51 + (i % 3)]!;
      worst = Math.max(worst, Math.abs(relative(joints) - relative(world)));
    }
  }
  // Within one fifth of the way that a foot moves from one frame to the next.
  expect(worst).toBeLessThan(40);
});

it('writes a .npz of what was lifted, frame by frame', () => {
  const { person } = walker();
  const cut = { ...person, poses: person.poses.slice(0, 10 * 51) };
  const arrays = readNpz(write('keypoints3d.npz', cut) as Uint8Array, 'walk.npz');
  expect(arrays.names).toEqual(['keypoints_3d', 'keypoints_2d', 'times', 'bridged', 'size']);
  const { shape, data } = arrays.read('keypoints_3d')!;
  expect(shape).toEqual([10, 17, 3]);
  expect(data).toEqual(Float32Array.from(personPoses(cut, live)));
  expect(arrays.read('times')).toEqual({ shape: [10], data: Float64Array.from(person.times.slice(0, 10)) });
  expect(arrays.read('bridged')!.data).toEqual(Uint8Array.of(0, 0, 0, 1, 1, 0, 0, 0, 0, 0));
  expect(arrays.read('size')!.data).toEqual(Float64Array.of(1920, 1080));
});

it('offers neither where nothing was lifted', () => {
  const { person } = walker();
  const result = { findings: { people: [{ ...person, poses: [] }] } } as unknown as PoseResult;
  const offered = findings.exports.filter(({ offers }) => offers?.(result) ?? true).map(({ name }) => name);
  expect(offered).toEqual(['keypoints3d.json', 'keypoints3d.csv']);
});
