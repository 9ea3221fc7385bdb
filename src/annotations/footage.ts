// Which pictures and videos of a folder are no footage: masks, thumbnails, contact sheets, depth maps and the like.
// Such as FaceForensics++'s masks/videos, VOC's SegmentationClass and the sheets that players make of a film.

/** What a file is instead of footage. */
export type NotFootage = 'mask' | 'thumbnail' | 'map';

/** Names of folders, without separators and in lower case. */
const folderWords: ReadonlyMap<string, NotFootage> = new Map<string, NotFootage>([
  ...named('mask', 'mask masks facemask facemasks maskvideos maskimages segmentation segmentations'),
  ...named('mask', 'segmentationclass segmentationobject segmentationmasks segmasks matte mattes alphamatte trimap'),
  ...named('mask', 'trimaps groundtruthmasks gtmasks gtfine gtcoarse labelids'),
  ...named('thumbnail', 'thumb thumbs thumbnail thumbnails preview previews contactsheet contactsheets sprites'),
  ...named('thumbnail', 'storyboard storyboards posters overlay overlays visualization visualizations visualisations'),
  ...named('map', 'depth depths depthmap depthmaps disparity disparities flow flows opticalflow flowx flowy'),
  ...named('map', 'normalmap normalmaps heatmap heatmaps saliency saliencymaps attentionmaps gradcam'),
]);

/** Last words of file names, numbers behind them aside: `000_mask.png`, `mask_000.png`. */
const nameWords: ReadonlyMap<string, NotFootage> = new Map<string, NotFootage>([
  ...named('mask', 'mask masks matte trimap segmentation labelids instanceids'),
  ...named('thumbnail', 'thumb thumbnail thumbs preview sprite storyboard poster contactsheet sheet montage'),
  ...named('map', 'depth depthmap disparity heatmap saliency opticalflow'),
]);

function named(kind: NotFootage, words: string): [string, NotFootage][] {
  return words.split(' ').map((word) => [word, kind]);
}

/** What a picture or video is by its path instead of footage, or null. */
export function notFootage(path: string): NotFootage | null {
  const folders = path.split(/[\\/]/);
  const file = folders.pop()!;
  for (const folder of folders) {
    const kind = folderWords.get(folder.toLowerCase().replace(/[^a-z0-9]+/g, ''));
    if (kind !== undefined) return kind;
  }
  const words = file
    .replace(/\.[^.]+$/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+|(?<=[a-z])(?=\d)/)
    .filter((word) => word !== '');
  const isPicture = /\.(png|jpe?g|webp|bmp|gif|tiff?)$/i.test(file);
  // Numbered pictures belong to a row of masks; a numbered video may well show somebody with a mask.
  while (words.length > 1 && /^\d+$/.test(words.at(-1)!) && (isPicture || words.every(isNumberButFirst))) words.pop();
  // `contact_sheet`, `depth-map` and `optical_flow` are one word.
  return nameWords.get(words.slice(-2).join('')) ?? nameWords.get(words.at(-1) ?? '') ?? null;
}

function isNumberButFirst(word: string, place: number): boolean {
  return place === 0 || /^\d+$/.test(word);
}
