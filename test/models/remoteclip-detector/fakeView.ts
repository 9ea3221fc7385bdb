// Made-up results of the detector for its view: a grey picture with labelled boxes, more of them found with more skill.
import type { Corners } from '../../../src/metrics/judgedBoxes';
import type { DetectorView, ShownPicture } from '../../../src/models/remoteclip-detector/viewPayload';
import type { FakeView } from '../../ui/fakeView/fakeView';

const [width, height] = [320, 200];
const truth = [
  { box: [20, 30, 60, 60] as Corners, category: 0 },
  { box: [150, 40, 190, 70] as Corners, category: 0 },
  { box: [230, 120, 300, 160] as Corners, category: 1 },
];

function still(): NonNullable<ShownPicture['still']> {
  return { width, height, pixels: new Uint8Array(width * height * 4).fill(160) };
}

function pictureAt(name: string, skill: number): ShownPicture {
  const shift = 12 * (1 - skill);
  const hits = truth.map(({ box: [x0, y0, x1, y1], category }, k) => ({
    ...{ box: [x0 + shift, y0, x1 + shift, y1] as Corners, category, score: 0.6 + 0.1 * k },
  }));
  const wrong = { box: [90, 120, 130, 160] as Corners, category: 1, score: 0.55 };
  return {
    ...{ name, width, height, still: still(), truth, similarity: [0.3 + 0.6 * skill, 0.7 - 0.6 * skill] },
    found: [...hits.reverse(), wrong],
  };
}

function viewAt(skill: number): DetectorView {
  return {
    ...{ kind: 'remoteclip-detector', stage: 'detector', classes: ['car', 'ship'], classFeatures: 'texts' },
    ...{ nmsThreshold: 0.7, sceneTop1: 0.3 + 0.5 * skill },
    pictures: ['set/a.png', 'set/b.png'].map((name) => pictureAt(name, skill)),
    curves: [
      { recall: [0, 0.5, 1], precision: [1, 0.9, 0.5] },
      { recall: [0, 1], precision: [0.8, 0.6] },
    ],
    confusion: [
      [3, 0, 1],
      [0, 1, 1],
      [0, 1, 0],
    ],
  };
}

export const fake: FakeView = { viewAt };
