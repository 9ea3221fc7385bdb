// The demo's videos: the same every time, labelled as the reader reads them, and the thing is where its box says.
import { expect, it } from 'vitest';
import { Folder } from '../../../src/annotations/folder';
import { readCaptionFolder } from '../../../src/annotations/anomalyFolder';
import { demoFiles } from '../../../src/models/fgclip-vad/demoFiles';
import { drawSquare, thingBox } from '../../../src/models/fgclip-vad/demoScene';
import { demoVideos, type DemoVideo } from '../../../src/models/fgclip-vad/demoVideos';

const videos = demoVideos();

function draw({ scene, side, framesPerSecond }: DemoVideo, place: DemoVideo['place'], frame: number) {
  const pixels = new Uint8ClampedArray(4 * side * side);
  drawSquare(scene, place, { frame, seconds: frame / framesPerSecond, side }, pixels);
  return pixels;
}

it('changes pixels inside of the boxes and nowhere else, while the thing is there', () => {
  for (const video of videos.filter(({ place }) => place)) {
    const { side } = video;
    const place = video.place!;
    const middle = Math.floor((place.start + place.end) / 2);
    const [x0, y0, x1, y1] = thingBox(place, middle).map((edge) => edge * side) as [number, number, number, number];
    const [plain, other] = [draw(video, null, middle), draw(video, place, middle)];
    let [inside, outside] = [0, 0];
    for (let i = 0; i < side * side; i++) {
      if ([0, 1, 2].every((k) => plain[4 * i + k] === other[4 * i + k])) continue;
      const [x, y] = [i % side, Math.floor(i / side)];
      if (x >= x0 - 2 && x <= x1 + 1 && y >= y0 - 2 && y <= y1 + 1) inside++;
      else outside++;
    }
    expect(inside, video.name).toBeGreaterThan(20);
    expect(outside, video.name).toBe(0);
    expect(draw(video, place, place.end)).toEqual(draw(video, null, place.end));
  }
});

it('comes with captions, boxes and splits that are read as those of the format', async () => {
  const encode = () => Promise.resolve(new Blob(['x'], { type: 'video/mp4' }));
  const files = await demoFiles(encode, () => undefined);
  const set = await readCaptionFolder(new Folder(files), [files[0]!]);
  expect(set.unusable).toEqual([]);
  expect(set.classes).toEqual(['Normal', 'Cart', 'Cyclist', 'Lying']);
  expect(set.items.map(({ split }) => split)).toEqual(videos.map(({ split }) => split));
  set.items.forEach((item, k) => {
    const { place } = videos[k]!;
    expect(item.abnormal).toBe(place !== null);
    expect(item.regions[0]?.keyFrames.length ?? 0).toBe(place ? place.end - place.start : 0);
  });
});

it('is drawn alike every time', () => {
  const again = demoVideos();
  for (const k of [0, 20]) expect(draw(again[k]!, again[k]!.place, 5)).toEqual(draw(videos[k]!, videos[k]!.place, 5));
});
