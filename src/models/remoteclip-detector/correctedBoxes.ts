// Corrected boxes as label files: COCO's for keeping and for the next run, Pascal VOC's as an archive.
import { strToU8, zipSync } from 'fflate';
import type { Split } from '../../annotations/labelSet';
import { cocoJson, vocXml, type WrittenImage } from '../../annotations/writeBoxes';
import type { DataFile } from '../../formats/dataFile';
import { stemOf } from '../../formats/filePaths';
import type { BoxMark } from '../../ui/corrections/boxEdits';
import type { Use } from '../../ui/corrections/marks';
import type { ShownPicture } from './viewPayload';

/** What a person says of one picture. */
export interface CorrectedPicture {
  readonly picture: Pick<ShownPicture, 'name' | 'width' | 'height'>;
  readonly marks: readonly BoxMark[];
  readonly use: Use;
}

/** Under which a picture's corrections are kept: pictures of one path and size are the same picture. */
export function correctionName({ name, width, height }: CorrectedPicture['picture']): string {
  return `${name} ${width}x${height}`;
}

const splits: Readonly<Record<Use, Split>> = { training: 'train', validation: 'val' };

function written({ picture: { name, width, height }, marks, use }: CorrectedPicture): WrittenImage {
  const boxes = marks.map(({ label, box: [x0, y0, x1, y1] }) => ({ label, x0, y0, x1, y1 }));
  return { ...{ path: name, width, height, boxes }, split: splits[use] };
}

/** What counts for these pictures instead of what other labels say: `annotations/corrections` reads it. */
export function correctionsFile(pictures: readonly CorrectedPicture[], classes: readonly string[]): DataFile {
  const text = cocoJson(pictures.map(written), classes, true);
  // With its date, by which the next run knows that it is another file.
  return { path: 'corrections.json', blob: new File([text], 'corrections.json', { type: 'application/json' }) };
}

/** A file for each picture, and lists of what they are for. */
export function vocArchive(pictures: readonly CorrectedPicture[]): Blob {
  const images = pictures.map(written);
  const lists = (['train', 'val'] as const).flatMap((split) => {
    const stems = images.filter((one) => one.split === split).map(({ path }) => `${stemOf(path)}\n`);
    return stems.length > 0 ? [[`splits/${split}.txt`, stems.join('')] as const] : [];
  });
  const files = [...images.map((one) => [`annotations/${stemOf(one.path)}.xml`, vocXml(one)] as const), ...lists];
  return new Blob([zipSync(Object.fromEntries(files.map(([name, text]) => [name, strToU8(text)])))]);
}
