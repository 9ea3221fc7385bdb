// Small Pascal VOC and COCO files for tests.

export interface MadeBox {
  readonly name: string;
  /** xmin, ymin, xmax, ymax as VOC counts them. */
  readonly edges: readonly [number, number, number, number];
  readonly flags?: string;
}

export const car: MadeBox = { name: 'car', edges: [1, 1, 10, 20] };

export function vocText(
  boxes: readonly MadeBox[] = [car],
  name = 'a.jpg',
  size: readonly number[] = [100, 50],
): string {
  const objects = boxes.map(({ name: label, edges: [x0, y0, x1, y1], flags = '' }) => {
    const edges = `<xmin>${x0}</xmin><ymin>${y0}</ymin><xmax>${x1}</xmax><ymax>${y1}</ymax>`;
    return `<object>\n<name>${label}</name>${flags}<bndbox>${edges}</bndbox></object>`;
  });
  const [width, height] = size;
  const head = `<filename>${name}</filename><size><width>${width}</width><height>${height}</height><depth>3</depth></size>`;
  return `<annotation>\n${head}\n${objects.join('\n')}\n</annotation>`;
}

/** Two images, two categories, three boxes. */
export function cocoText(change: object = {}): string {
  return JSON.stringify({
    images: [
      { id: 7, file_name: 'a.jpg', width: 100, height: 50 },
      { id: 9, file_name: 'b.jpg', width: 100, height: 50 },
    ],
    categories: [
      { id: 2, name: 'car' },
      { id: 1, name: 'bus' },
    ],
    annotations: [
      { id: 1, image_id: 7, category_id: 2, bbox: [0, 0, 10, 20], iscrowd: 0 },
      { id: 2, image_id: 9, category_id: 1, bbox: [5.5, 5, 10, 10], iscrowd: 1 },
      { id: 3, image_id: 9, category_id: 2, bbox: [90, 40, 20, 20] },
    ],
    ...change,
  });
}
