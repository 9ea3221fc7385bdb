// What is no footage is left out of a folder, named once and counted; what labels name is footage whatever it is called.
import { describe, expect, it } from 'vitest';
import { Folder } from '../../src/annotations/folder';
import { notFootage } from '../../src/annotations/footage';
import { readLabels } from '../../src/annotations/readLabels';
import { madeFolder } from '../helpers/dataFolder';
import { cocoText, vocText } from './vocText';

const media = (...paths: readonly string[]) => Object.fromEntries(paths.map((path) => [path, null]));
const leftOut = (problems: readonly { code: string; path: string; detail: object }[]) =>
  problems.filter(({ code }) => code === 'label-left-out').map(({ path, detail }) => ({ path, ...detail }));

describe('what a file is by its path', () => {
  it.each([
    ['Deepfakes/masks/videos/033_097.mp4', 'mask'],
    ['c23/masks/033_097/000.png', 'mask'],
    ['VOC2012/SegmentationClass/2007_000032.png', 'mask'],
    ['frames/033/000_mask.png', 'mask'],
    ['frames/033/mask_000.png', 'mask'],
    ['frames/033/face_mask_000.png', 'mask'],
    ['ground-truth masks/a.png', 'mask'],
    ['.../033_097_thumb.jpg', 'thumbnail'],
    ['Thumbnails/a.jpg', 'thumbnail'],
    ['a_contact_sheet.jpg', 'thumbnail'],
    ['contact-sheet.png', 'thumbnail'],
    ['clip1-preview.mp4', 'thumbnail'],
    ['poster.jpg', 'thumbnail'],
    ['Depth Maps/a.png', 'map'],
    ['depth0001.png', 'map'],
    ['a_optical_flow.mp4', 'map'],
    ['real/thumb_up_01.mp4', null],
    ['with_mask_01.mp4', null],
    ['Deepfakes/c23/mask_videos/033_097.mp4', 'mask'],
    ['train_masks/a_mask.gif', 'mask'],
    ['UCSDped2/Test/Test001_gt/001.bmp', 'mask'],
    ['ground_truth/broken/000.png', 'mask'],
    ['DAVIS/Annotations/480p/bear/00000.png', 'mask'],
    ['DAVIS/JPEGImages/480p/bear/00000.jpg', null],
    ['images/a_seg.png', 'mask'],
    ['PRIVATE/M4ROOT/THMBNL/C0001T01.JPG', 'thumbnail'],
    ['frames_depth/0001.png', 'map'],
    ['labels/a.jpg', null],
    ['a_alpha.mp4', null],
    ['seg.png', null],
    ['masked/a.jpg', null],
    ['Training_Normal_Videos_Anomaly/Normal_Videos003_x264.mp4', null],
    ['flowers/image_0001.jpg', null],
    ['real/033.mp4', null],
  ])('%s', (path, kind) => expect(notFootage(path)).toBe(kind));
});

describe('a dropped folder', () => {
  const faces = media(
    'FF/original_sequences/youtube/c23/videos/033.mp4',
    'FF/original_sequences/youtube/c23/videos/097.mp4',
    'FF/manipulated_sequences/Deepfakes/c23/videos/033_097.mp4',
  );

  it('has no fakes made of mask videos', async () => {
    const masks = media('FF/manipulated_sequences/Deepfakes/masks/videos/033_097.mp4');
    const { report } = await readLabels(madeFolder({ ...faces, ...masks }));
    expect([report.found, report.usable]).toEqual([3, 3]);
    expect(leftOut(report.problems)).toEqual([{ path: Object.keys(masks)[0], kind: 'mask', files: 1 }]);
  });

  it('has no video that is called masks', async () => {
    const pictures = (folder: string) => media(...['000', '001'].map((name) => `${folder}/${name}.png`));
    const { report, set } = await readLabels(
      madeFolder({
        ...pictures('F/original_sequences/youtube/c23/frames/033'),
        ...pictures('F/manipulated_sequences/Deepfakes/c23/frames/033_097'),
        ...pictures('F/manipulated_sequences/Deepfakes/c23/masks/033_097'),
        ...pictures('F/manipulated_sequences/Deepfakes/masks/033_097'),
        ...media('F/manipulated_sequences/Deepfakes/c23/frames/033_097/contact_sheet.png', 'F/thumbs/033.jpg'),
      }),
    );
    expect(set.items.map(({ path }) => path.split('/').at(-1))).toEqual(['033_097', '033']);
    expect([report.found, report.usable]).toEqual([2, 2]);
    expect(leftOut(report.problems)).toMatchObject([
      { kind: 'thumbnail', files: 2 },
      { kind: 'mask', files: 4 },
    ]);
  });

  it('says what is hidden or the system’s, once', async () => {
    const hidden = { ...media('FF/real/._a.mp4', 'FF/Thumbs.db', 'FF/.cache/x.mp4', 'FF/@eaDir/b.mp4/SYNOVIDEO.jpg') };
    const { report } = await readLabels(madeFolder({ ...faces, ...hidden }));
    expect([report.found, report.usable]).toEqual([3, 3]);
    expect(leftOut(report.problems)).toEqual([{ path: 'FF/.cache/x.mp4', kind: 'hidden', files: 4 }]);
  });

  it('finds a video by its own name though it sounds like none', () => {
    const folder = new Folder(madeFolder(media('bed_sheet.mp4', 'walk.mp4', 'images/can_seg.png', 'images/b.jpg')));
    expect(folder.media('video').map(({ path }) => path)).toEqual(['walk.mp4']);
    expect(folder.find('bed_sheet', 'video')?.path).toBe('bed_sheet.mp4');
    expect(folder.find('can_seg', 'image')?.path).toBe('images/can_seg.png');
    expect(folder.notices).toEqual([]);
  });

  it('never takes a mask for the picture of the same name', () => {
    const folder = new Folder(madeFolder(media('masks/a.png', 'images/a.jpg', 'gt/a.png')));
    expect(folder.find('a', 'image')?.path).toBe('images/a.jpg');
    expect(folder.find('a.png', 'image')).toBeNull();
    expect(folder.find('gt/../masks/a.png', 'image')?.path).toBe('masks/a.png');
  });

  it('holds videos of camcorders', () => {
    const folder = new Folder(madeFolder(media('AVCHD/BDMV/STREAM/00001.MTS', '00002.m2ts', 'a.vob')));
    expect(folder.media('video')).toHaveLength(3);
    expect(folder.find('00001.mts', 'video')?.path).toBe('AVCHD/BDMV/STREAM/00001.MTS');
  });

  it('may itself have such a name', async () => {
    const named = Object.fromEntries(Object.keys(faces).map((path) => [`.data/masks/${path}`, null]));
    const { report } = await readLabels(madeFolder(named));
    expect(report.usable).toBe(3);
    expect(leftOut(report.problems)).toEqual([]);
  });

  it('may call all its footage so', () => {
    const folder = new Folder(madeFolder(media('a_preview.mp4', 'b_preview.mp4')));
    expect(folder.media('video')).toHaveLength(2);
    expect(folder.notices).toEqual([]);
  });

  it('keeps what the labels name or lie beside', async () => {
    const voc = await readLabels(madeFolder({ 'x/mask/a.xml': vocText(), 'x/mask/a.jpg': null, 'x/b.jpg': null }));
    expect(voc.report).toMatchObject({ usable: 1, found: 2 });
    expect(leftOut(voc.report.problems)).toEqual([]);
    const coco = cocoText().replaceAll('a.jpg', 'a_mask.jpg');
    const { report } = await readLabels(madeFolder({ 'train.json': coco, 'a_mask.jpg': null, 'b.jpg': null }));
    expect(report.usable).toBe(2);
    const other = await readLabels(
      madeFolder({ 'Annotations/a.xml': vocText(), 'SegmentationClass/a.png': null, 'JPEGImages/c.jpg': null }),
    );
    expect(other.report.problems.map(({ code }) => code)).toEqual([
      'label-missing-file',
      'label-none',
      'label-left-out',
    ]);
  });
});
