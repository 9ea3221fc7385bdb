// Small BVH files written by hand, for tests.
import { bvhFamilies } from '../../src/annotations/bvhFamilies';
import type { DataFile } from '../../src/formats/dataFile';

/** Two joints and an End Site, two frames; the root stands at x = 5, the joint turns by 90 degrees. */
export const tinyBvh = `HIERARCHY
ROOT a
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT b
  {
    OFFSET 1 1 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0 2 0
    }
  }
}

MOTION
Frames: 2
Frame Time: .0333
5 0 0 0 0 0 90 0 90
5 0 0 0 0 0 0 0 0
`;

/** A star of the motionbuilder names that passes the thigh check when `scale` is 1: 400 mm from hip to knee. */
export function skeletonText(scale = 1, frames = 20): string {
  const names = bvhFamilies[0]!.joints
    .flatMap((joint) => joint.split('+'))
    .filter((name) => name !== 'Hips' && name !== 'Head_End');
  const children = names.map((name, i) => {
    const end = name === 'Head' ? `End Site\n{\nOFFSET 0 3 0\n}\n` : '';
    const y = name === 'RightLeg' ? -7.1 : (i % 3) * 0.01;
    return `JOINT ${name}\n{\nOFFSET ${name.startsWith('Left') ? 1 : 0} ${y * scale} 0\nCHANNELS 3 Zrotation Yrotation Xrotation\n${end}}\n`;
  });
  const values = Array.from({ length: frames }, (_, t) =>
    [t * 0.1, 17, 0, ...Array<number>(3 + names.length * 3).fill(0)].join(' '),
  );
  return `HIERARCHY\nROOT Hips\n{\nOFFSET 0 0 0\nCHANNELS 6 Xposition Yposition Zposition Zrotation Yrotation Xrotation\n${children.join('')}}\nMOTION\nFrames: ${frames}\nFrame Time: 0.0333333\n${values.join('\n')}\n`;
}

/** A file of a dropped folder. */
export function fileOf(path: string, content: string | Uint8Array<ArrayBuffer>): DataFile {
  return { path, blob: new Blob([content]) };
}
