// Which pictures and videos of a folder are no footage: masks, thumbnails, contact sheets, depth maps and the like.
// Such as FaceForensics++'s masks/videos, VOC's SegmentationClass and the sheets that players make of a film.

/** What a file is instead of footage. */
export type NotFootage = 'mask' | 'thumbnail' | 'map';

/** Names of folders, without separators and in lower case. */
const folderWords: ReadonlyMap<string, NotFootage> = new Map<string, NotFootage>([
  ...named('mask', 'mask masks facemask facemasks segmentation segmentations segmentationclass segmentationobject'),
  ...named('mask', 'segmentationclassaug segmentationclassraw segmasks matte mattes alphamatte trimap trimaps'),
  ...named('mask', 'gtfine gtcoarse labelids stuffthingmaps pixelmaps silhouettes panoptic parsing'),
  ...named('thumbnail', 'thumb thumbs thumbnail thumbnails thmbnl preview previews contactsheet contactsheets sprites'),
  ...named('thumbnail', 'storyboard storyboards posters overlay overlays visualization visualizations visualisations'),
  ...named('thumbnail', 'annotated vis viz debug'),
  ...named('map', 'depth depths depthmap depthmaps disparity disparities flow flows opticalflow flowx flowy'),
  ...named('map', 'normalmap normalmaps heatmap heatmaps saliency saliencymaps attentionmaps gradcam'),
]);

/** Folders of which pictures without loss are masks: others lie there beside their labels. */
const maskFolders = /^(annotations?|labels?|gt|groundtruth)$/;

/** Words of folders' names that say nothing of what their files are. */
const neutral =
  /^(train|training|val|valid|validation|test|testing|videos?|images?|frames?|pictures?|png|jpe?g|mp4|human|binary|seg|gt|ground|truth|c23|c40|raw|\d+p?|x|y)$/;

/** Last words of file names, numbers behind them aside: `000_mask.png`, `mask_000.png`. */
const nameWords: ReadonlyMap<string, NotFootage> = new Map<string, NotFootage>([
  ...named('mask', 'mask masks matte trimap segmentation labelids instanceids'),
  ...named('thumbnail', 'thumb thumbnail thumbs preview sprite storyboard poster contactsheet sheet montage'),
  ...named('map', 'depth depthmap disparity heatmap saliency opticalflow'),
]);

/** The same of pictures without loss, whose names end so where they lie beside what they are of. */
const losslessWords = /^(gt|seg|annotation|alpha|labeltrainids|parsing|groundtruth)$/;

function named(kind: NotFootage, words: string): [string, NotFootage][] {
  return words.split(' ').map((word) => [word, kind]);
}

/** What a picture or video is by its path instead of footage, or null. */
export function notFootage(path: string): NotFootage | null {
  const folders = path.split(/[\\/]/);
  const file = folders.pop()!;
  const isLossless = /\.(png|bmp|gif|tiff?)$/i.test(file);
  for (const folder of folders) {
    const words = wordsOf(folder);
    const core = words.filter((word) => !neutral.test(word)).join('');
    const kind = folderWords.get(words.join('')) ?? folderWords.get(core);
    if (kind !== undefined) return kind;
    const isOfMasks = maskFolders.test(core) || words.at(-1) === 'gt' || words.join('').endsWith('groundtruth');
    if (isLossless && isOfMasks) return 'mask';
  }
  const words = wordsOf(file.replace(/\.[^.]+$/, ''));
  const isPicture = isLossless || /\.(jpe?g|webp)$/i.test(file);
  // Numbered pictures belong to a row of masks; a numbered video may well show somebody with a mask.
  while (words.length > 1 && /^\d+$/.test(words.at(-1)!) && (isPicture || words.every(isNumberButFirst))) words.pop();
  // `contact_sheet`, `depth-map` and `optical_flow` are one word.
  const [two, last] = [words.slice(-2).join(''), words.at(-1) ?? ''];
  if (isLossless && words.length > 1 && (losslessWords.test(last) || losslessWords.test(two))) return 'mask';
  return nameWords.get(two) ?? nameWords.get(last) ?? null;
}

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+|(?<=[a-z])(?=\d)/)
    .filter((word) => word !== '');
}

function isNumberButFirst(word: string, place: number): boolean {
  return place === 0 || /^\d+$/.test(word);
}
