// Opens the videos of labelled items, some at once; what cannot be opened is a problem of the report, not the end.
import { UserError } from '../errors';
import type { DataProblem } from '../annotations/dataReport';
import type { Progress } from '../formats/progress';
import type { OpenVideo } from '../frames/videoStore';

/** Videos that are opened at once: reading an index is mostly waiting. */
const atOnce = 4;

export interface OpenedVideo<Item> {
  readonly item: Item;
  readonly video: OpenVideo;
}

export interface OpenedVideos<Item> {
  /** In the order of the items, without those that could not be opened. */
  readonly opened: readonly OpenedVideo<Item>[];
  /** Notices of the files, and why some could not be opened. */
  readonly problems: readonly DataProblem[];
}

/** `open` opens an item's video; its UserErrors are told in the problems, anything else is passed on. */
export async function openVideos<Item extends { readonly path: string }>(
  items: readonly Item[],
  open: (item: Item) => Promise<OpenVideo>,
  progress: Progress,
): Promise<OpenedVideos<Item>> {
  const problems: DataProblem[] = [];
  const opened = new Array<OpenedVideo<Item> | null>(items.length).fill(null);
  let [next, done] = [0, 0];
  const openSome = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) {
      const item = items[i]!;
      const tell = ({ code, message, detail }: Omit<DataProblem, 'path'>): void =>
        void problems.push({ path: item.path, code, message, detail });
      try {
        const video = await open(item);
        video.facts.notices.forEach(tell);
        opened[i] = { item, video };
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        tell(error);
      }
      progress('videos', ++done, items.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, openSome));
  return { opened: opened.filter((one) => one !== null), problems };
}
