// NaN and Infinity in labels: read where the field is not needed, named by key path and place where it is.
import { expect, it } from 'vitest';
import { readLabels } from '../../src/annotations/readLabels';
import { madeFolder } from '../helpers/dataFolder';

const media = { 'a.mp4': null, 'b.mp4': null };
const read = async (text: string) => (await readLabels(madeFolder({ 'x.json': text, ...media }))).report;

it.each([
  [
    'a list of anomalies',
    '[{"file": "a.mp4", "label": 0, "fps": NaN}, {"file": "b.mp4", "label": 1, "anomaly_frames": [[3, Infinity]]}]',
    'anomaly-entry',
    '[1].anomaly_frames[0][1] is Infinity',
  ],
  [
    'captions',
    '[{"f_path": "a.mp4", "global_caption": "x", "score": NaN, "bbox_info": []},\n {"f_path": "b.mp4", "global_caption": "y", "bbox_info": [{"caption": "z", "keyframes": [{"frame": 1, "bbox": [0, NaN, 1, 1]}]}]}]',
    'captions-entry',
    '[1].bbox_info[0].keyframes[0].bbox[1] is NaN in line 2',
  ],
  [
    'ActivityNet',
    '{"database": {"a": {"subset": "training", "duration": 9, "fps": NaN, "annotations": [{"segment": [1, 2], "label": "x", "score": -Infinity}]}, "b": {"subset": "training", "duration": 9, "annotations": [{"segment": [NaN, 2], "label": "x"}]}}}',
    'activitynet-segments',
    'database.b.annotations[0].segment[0] is NaN',
  ],
])('%s', async (_, text, code, place) => {
  const { usable, problems } = await read(text);
  expect(usable).toBe(1);
  const found = problems.find((one) => one.code === code);
  expect(found?.message).toContain(place);
});

it('a list of faces needs none', async () => {
  const report = await read(
    '[{"file": "a.mp4", "label": 0, "frames": NaN}, {"file": "b.mp4", "label": 1, "fps": Infinity}]',
  );
  expect(report).toMatchObject({ format: 'face-list', usable: 2 });
});
