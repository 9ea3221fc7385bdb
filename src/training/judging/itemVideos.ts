// The videos of one item: opened in the store that all items share, closed when the item is done.
import type { OpenVideo, VideoStore } from '../../frames/videoStore';

export interface ItemVideos {
  readonly videos: VideoStore;
  /** Closes what was opened. */
  close(): void;
}

export function itemVideos(store: VideoStore): ItemVideos {
  const opened = new Set<OpenVideo>();
  const kept = async (video: Promise<OpenVideo>): Promise<OpenVideo> => {
    opened.add(await video);
    return await video;
  };
  const close = (): void => {
    for (const video of opened) store.close(video);
    opened.clear();
  };
  return {
    videos: {
      open: (...given) => kept(store.open(...given)),
      openPictures: (...given) => kept(store.openPictures(...given)),
      cropped(...given) {
        const video = store.cropped(...given);
        opened.add(video);
        return video;
      },
      keep: (...given) => store.keep(...given),
      input: (...given) => store.input(...given),
      close(video) {
        opened.delete(video);
        store.close(video);
      },
      dispose: close,
    },
    close,
  };
}
