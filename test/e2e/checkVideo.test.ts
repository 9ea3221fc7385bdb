// Every file of the shared folders decodes in Chromium as its manifest says: frames, times, orientation, colours, refusals.
import { expect, it } from 'vitest';
import { sharedData } from '../helpers/golden.ts';
import { checkFolder } from '../../tools/checkVideo.ts';

it.skipIf(!sharedData('video_decode'))('decodes 43 files of all kinds, or says what is wrong with them', async () => {
  const lines: string[] = [];
  const { passed, failed } = await checkFolder(sharedData('video_decode')!, (line) => lines.push(line));
  expect(lines.filter((line) => line.startsWith('FAILED'))).toEqual([]);
  expect([passed, failed]).toEqual([43, 0]);
});
