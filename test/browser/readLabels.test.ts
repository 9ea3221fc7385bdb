// Dropped archives in a real browser: streams, Blobs and encodings as Chromium has them.
import { zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { readLabels } from '../../src/annotations/readLabels';

it('reads a deflated archive with GBK labels', async () => {
  const [head, tail] = [
    '<annotation><object><name>',
    '</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox></object></annotation>',
  ];
  const bytes = (text: string) => new TextEncoder().encode(text);
  const xml = Uint8Array.from([...bytes(head), 0xb3, 0xb5, 0xc1, 0xbe, ...bytes(tail)]);
  const picture = bytes('picture'.repeat(100_000));
  const archive = zipSync({ 'set/a.xml': xml, 'set/a.jpg': picture });
  const labels = await readLabels([{ path: 'set.zip', blob: new Blob([archive]) }], { repairText: true });
  expect(labels).toMatchObject({ format: 'voc', set: { classes: ['车辆'] } });
  expect(labels.set.items[0]!.media.blob.size).toBe(picture.length);
});

it('refuses an archive that is cut off', async () => {
  const archive = zipSync({ 'a.xml': new TextEncoder().encode('<annotation/>') });
  const cut = { path: 'set.zip', blob: new Blob([archive.slice(0, 60)]) };
  await expect(readLabels([cut])).rejects.toMatchObject({ name: 'UserError', code: 'zip-broken' });
});
