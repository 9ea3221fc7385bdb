// What was found in a video is not looked for again, until the video is another or the search did not end.
import { expect, it } from 'vitest';
import { Remembered } from '../../src/finders/finders';

it('looks once in each video, and again where it was stopped', async () => {
  const remembered = new Remembered<string>();
  const looked: string[] = [];
  const find = (source: string, face: string) =>
    remembered.found({ source }, () => {
      looked.push(source);
      return Promise.resolve([face]);
    });
  await expect(remembered.found({ source: 'a' }, () => Promise.reject(new Error('stopped')))).rejects.toThrow(
    'stopped',
  );
  expect(await find('a', 'first')).toEqual(['first']);
  expect(await find('b', 'second')).toEqual(['second']);
  expect(await find('a', 'third')).toEqual(['first']);
  expect(looked).toEqual(['a', 'b']);
});
