// Videos that come as pictures: their frames in order, one alive at a time, and what becomes of pictures that are bad.
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { UserError } from '../../src/errors';
import type { DataFile } from '../../src/formats/dataFile';
import { PictureVideo } from '../../src/video/pictureVideo';
import { levelIn, levelOf } from './clip';
import { held, numberedPictures, picture } from './pictures';

const framesPerSecond = 25;
const open = (pictures: readonly DataFile[], heard?: (problem: UserError) => void) =>
  PictureVideo.open({ path: 'fake/a', pictures, framesPerSecond }, undefined, heard);
const text = (path: string): DataFile => ({ path, blob: new Blob(['not a picture']) });

interface Seen {
  readonly indices: number[];
  readonly seconds: number[];
  /** Numbers of pictures by their grey levels. */
  readonly pictures: number[];
}

async function seen(video: PictureVideo, wanted?: number[], onProblem?: (problem: UserError) => void): Promise<Seen> {
  const all: Seen = { indices: [], seconds: [], pictures: [] };
  for await (const { index, seconds, frame } of video.frames({
    ...(wanted && { wanted }),
    ...(onProblem && { onProblem }),
  })) {
    all.indices.push(index);
    all.seconds.push(seconds);
    all.pictures.push(Math.round(((await levelIn(frame)) - levelOf(0)) / 12));
    frame.close();
  }
  return all;
}

afterEach(() => void vi.restoreAllMocks());

describe('pictures in order', () => {
  it.each(['image/png', 'image/jpeg', 'image/webp'])('are frames at a steady rate: %s', async (type) => {
    const video = await open(await numberedPictures('fake/a', 10, { type }));
    expect(video.facts).toMatchObject({ path: 'fake/a', width: 64, height: 48, durationSeconds: 0.4 });
    const { indices, seconds, pictures } = await seen(video);
    expect(indices).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(pictures).toEqual(indices);
    expect(seconds).toEqual(Array.from(indices, (i) => i / 25));
    expect((await seen(video, [2, 7])).pictures).toEqual([2, 7]);
  });

  it('lie upright, however the camera was held', async () => {
    const lying = held(await picture('red', { type: 'image/jpeg', width: 64, height: 16 }), 6);
    const video = await open([{ path: 'a.jpg', blob: lying }]);
    expect(video.facts).toMatchObject({ width: 16, height: 64 });
    for await (const { frame } of video.frames()) {
      expect([frame.displayWidth, frame.displayHeight]).toEqual([16, 64]);
      frame.close();
    }
  });

  it('are opened one at a time, and no further than they are wanted', async () => {
    const video = await open(await numberedPictures('fake/a', 12));
    const decode = vi.spyOn(globalThis, 'createImageBitmap');
    const close = vi.spyOn(ImageBitmap.prototype, 'close');
    let taken = 0;
    for await (const { frame } of video.frames()) {
      frame.close();
      expect(decode).toHaveBeenCalledTimes(++taken);
      expect(close).toHaveBeenCalledTimes(taken);
      if (taken === 5) break;
    }
    expect(decode).toHaveBeenCalledTimes(5);
  });

  it('end with the signal', async () => {
    const video = await open(await numberedPictures('fake/a', 4));
    const abort = new AbortController();
    const reading = video.frames({ signal: abort.signal });
    (await reading.next()).value?.frame.close();
    abort.abort();
    await expect(reading.next()).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('a picture that cannot be read', () => {
  it('is told by name, once; the one before it stands in', async () => {
    const pictures = await numberedPictures('fake/a', 6);
    const cut: DataFile = { path: pictures[3]!.path, blob: pictures[3]!.blob.slice(0, 60) };
    const video = await open(pictures.with(3, cut).with(4, text('fake/a/000004.png')));
    const heard: UserError[] = [];
    for (let times = 0; times < 2; times++)
      expect((await seen(video, undefined, (one) => heard.push(one))).pictures).toEqual([0, 1, 2, 2, 2, 5]);
    expect(heard.map(({ code, detail, cause }) => [code, detail['path'], (cause as UserError).code])).toEqual([
      ['picture-replaced', 'fake/a/000003.png', 'image-damaged'],
      ['picture-replaced', 'fake/a/000004.png', 'image-format'],
    ]);
    expect((await seen(video, [4])).pictures).toEqual([2]);
  });

  it('at the beginning is told when the video is opened; the one after it stands in', async () => {
    const pictures = await numberedPictures('fake/a', 3);
    const heard: UserError[] = [];
    const video = await open(pictures.with(0, text('fake/a/000000.png')), (one) => heard.push(one));
    expect(heard.map(({ detail }) => detail['path'])).toEqual(['fake/a/000000.png']);
    expect((await seen(video)).pictures).toEqual([1, 1, 2]);
  });

  it('is the reason where there is no other', async () => {
    const heard: UserError[] = [];
    const opening = open([text('a.png'), text('b.png')], (one) => heard.push(one));
    await expect(opening).rejects.toMatchObject({
      code: 'image-format',
      detail: { path: 'a.png' },
    });
    expect(heard).toEqual([]);
  });
});
