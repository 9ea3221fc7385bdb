// Which video of a view a recorded result keeps: the page ships it.

/** The one with the smallest file, the first by its path among equals; undefined where there is none. */
export function smallestVideo<V extends { readonly media: Blob; readonly path: string }>(
  videos: readonly V[],
): V | undefined {
  return videos.toSorted((a, b) => a.media.size - b.media.size || (a.path < b.path ? -1 : 1))[0];
}
