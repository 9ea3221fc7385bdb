// Boxes in images as label files: COCO's JSON, which may correct other labels, and Pascal VOC's XML.
import { fileName } from '../formats/filePaths';
import type { PixelBox } from './boxes';
import type { Split } from './labelSet';

export interface WrittenImage {
  /** In its folder. */
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly split: Split;
  readonly boxes: readonly (PixelBox & { readonly label: string })[];
}

/**
 * COCO's JSON with the images' splits; ids count from 1, and categories are in the order of `classes`, then as they come.
 * One that corrects counts instead of what other labels beside it say of the same images (`annotations/corrections`).
 */
export function cocoJson(images: readonly WrittenImage[], classes: readonly string[], corrects = false): string {
  const names = [...new Set([...classes, ...images.flatMap(({ boxes }) => boxes.map(({ label }) => label))])];
  const annotations = images.flatMap(({ boxes }, image) =>
    boxes.map(({ label, x0, y0, x1, y1 }) => {
      const bbox = [x0, y0, x1 - x0, y1 - y0];
      return {
        image_id: image + 1,
        category_id: names.indexOf(label) + 1,
        bbox,
        area: bbox[2]! * bbox[3]!,
        iscrowd: 0,
      };
    }),
  );
  return JSON.stringify(
    {
      ...(corrects && { corrects }),
      images: images.map(({ path, width, height, split }, k) => ({
        ...{ id: k + 1, file_name: path, width, height, split },
      })),
      categories: names.map((name, k) => ({ id: k + 1, name })),
      annotations: annotations.map((one, k) => ({ id: k + 1, ...one })),
    },
    null,
    1,
  );
}

/** Pascal VOC's XML of one image: pixels count from 1, the last one is part of the box. */
export function vocXml({ path, width, height, boxes }: Omit<WrittenImage, 'split'>): string {
  const objects = boxes.map(({ label, x0, y0, x1, y1 }) => {
    const edges = { xmin: Math.floor(x0) + 1, ymin: Math.floor(y0) + 1, xmax: Math.ceil(x1), ymax: Math.ceil(y1) };
    const box = Object.entries(edges).map(([name, value]) => `<${name}>${value}</${name}>`);
    return `<object><name>${escaped(label)}</name><bndbox>${box.join('')}</bndbox></object>`;
  });
  const size = `<size><width>${width}</width><height>${height}</height><depth>3</depth></size>`;
  return `<annotation><filename>${escaped(fileName(path))}</filename>${size}${objects.join('')}</annotation>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>]/g, (mark) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[mark]!);
}
