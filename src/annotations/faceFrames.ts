// Reads videos that come as pictures of faces, cut out and numbered, in folders or by their names (spec of MNTSM, section 8).
import { stemOf } from '../formats/filePaths';
import type { DataFile } from '../formats/dataFile';
import type { DataProblem } from './dataReport';
import type { FaceImage, FaceVideo } from './faceClips';
import { compressionOf, compressionToUse, identitiesIn, labelOf, readSplitFiles, splitRest } from './faceForensics';
import type { Folder } from './folder';
import { finding, type LabelSet } from './labelSet';
import { splitOfFolders } from './splits';

/** Where a picture belongs. */
interface FramePlace {
  readonly label: 'real' | 'fake';
  readonly kind: string;
  /** A path that all pictures of the video share. */
  readonly video: string;
  /** Empty where the video is not cut into clips. */
  readonly clip: string;
  readonly number: number;
  readonly identities: readonly string[];
}

/** Folders that hold all videos of a class rather than one. */
const collections = ['frames', 'images', 'faces', 'videos', 'crops'];

/**
 * Where a picture belongs by its path, or null. Either its name says all, as in `1033_097_frame_0012_face.jpg` (a fake
 * of 033 by method 1 with the face of 097; 0 is real), or it is a number, as `000012.jpg` or `frame_12.png`, below
 * `<class>/<video>/<clip>/` or `<class>/<video>/`.
 */
export function placeOfFrame(path: string): FramePlace | null {
  const folders = path.split('/').slice(0, -1);
  const stem = stemOf(path);
  const [, method, target, source, frame] = /^([0-5])(\d{3})(?:_(\d+))?_frame_(\d{1,9})_face$/i.exec(stem) ?? [];
  if (method !== undefined && target !== undefined) {
    const label = method === '0' ? 'real' : 'fake';
    return {
      label,
      kind: label === 'real' ? label : `method ${method}`,
      video: [...folders, stem.slice(0, stem.toLowerCase().indexOf('_frame_'))].join('/'),
      clip: '',
      number: Number(frame),
      identities: label === 'fake' && source?.length === 3 ? [target, source] : [target],
    };
  }
  const numbered = /^(?:[a-z]+[_-]?)?(\d{1,9})$/i.exec(stem);
  const found = labelOf(path);
  if (!numbered || !found) return null;
  // What stands between the class and the picture, without folders that say nothing of the video.
  const first = folders.findLastIndex((name) => labelOf(`${name}/x`) !== null) + 1;
  const own = folders.findIndex((name, i) => i >= first && !isCollection(name));
  if (own < 0) return null;
  const [label, kind] = found;
  const video = folders.slice(0, own + 1).join('/');
  return {
    ...{ label, kind, video, number: Number(numbered[1]) },
    clip: folders.slice(own + 1).join('/'),
    identities: identitiesIn(folders[own]!),
  };
}

/** Whether pictures of at least one real and one manipulated video are there. */
export function looksLikeFaceFrames(folder: Folder): boolean {
  const labels = new Set<string>();
  for (const { path } of folder.media('image')) {
    const place = placeOfFrame(path);
    if (place) labels.add(place.label);
    if (labels.size === 2) return true;
  }
  return false;
}

/**
 * Gathers the pictures of each video and puts them in the order of their numbers, clip by clip. Splits are those of
 * `readFaceFolder`; pictures that belong to no video are told by folder.
 * @throws UserError `faces-splits`.
 */
export async function readFaceFrames(folder: Folder): Promise<LabelSet<FaceVideo>> {
  const official = await readSplitFiles(folder);
  const images = folder.media('image');
  const chosen = compressionToUse(images);
  const videos = new Map<string, { place: FramePlace; clips: Map<string, FaceImage[]> }>();
  const strays = new Map<string, number>();
  for (const media of images) {
    const compression = compressionOf(media.path);
    if (compression !== null && compression !== chosen) continue;
    const place = placeOfFrame(media.path);
    if (!place) {
      const parent = media.path.slice(0, Math.max(0, media.path.lastIndexOf('/')));
      strays.set(parent, (strays.get(parent) ?? 0) + 1);
      continue;
    }
    const video = videos.get(place.video) ?? { place, clips: new Map<string, FaceImage[]>() };
    const clip = video.clips.get(place.clip) ?? [];
    clip.push({ media, number: place.number });
    videos.set(place.video, video);
    video.clips.set(place.clip, clip);
  }
  const items: FaceVideo[] = [];
  const unusable: DataProblem[] = [];
  for (const { place, clips: byName } of videos.values()) {
    const { label, kind, identities, video: path } = place;
    const clips = [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, clip]) => inOrder(clip));
    const told = splitOfFolders(folder.inside(path));
    const split = official ? (official.get(identities.join('_')) ?? null) : told;
    const media: DataFile = clips[0]![0]!.media;
    const frames = clips.reduce((sum, clip) => sum + clip.length, 0);
    if (official !== null && split === null)
      unusable.push(finding('label-no-split', 'None of the split files lists this video: add it or remove it', path));
    else items.push({ path, media, split, label, kind, identities, frames, framesPerSecond: null, clips });
  }
  for (const [path, pictures] of strays) unusable.push(stray(path, pictures));
  const notices = [...folder.notices];
  return { items: splitRest(items, notices), unusable, notices, classes: ['real', 'fake'] };
}

/** By number; of several pictures of one frame the first counts. */
function inOrder(clip: readonly FaceImage[]): FaceImage[] {
  const sorted = [...clip].sort((a, b) => a.number - b.number);
  return sorted.filter(({ number }, i) => number !== sorted[i - 1]?.number);
}

function stray(path: string, pictures: number): DataProblem {
  const what = `${pictures} pictures here belong to no video: name them 000000.jpg and so on in folders <class>/<video>, or as in 0033_frame_0012_face.jpg`;
  return finding('faces-pictures', what, path, { pictures });
}

function isCollection(name: string): boolean {
  return collections.includes(name.toLowerCase()) || compressionOf(`${name}/x`) !== null;
}
