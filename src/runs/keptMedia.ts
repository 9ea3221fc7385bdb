// A person's videos in what a view drew: not copied into the browser's storage, and put back when they are at hand.
import type { DataFile } from '../formats/dataFile';

interface WithMedia {
  readonly path: string;
  readonly media: Blob;
}

/** The payload with an empty file in the place of each of its videos. */
export function withoutMedia(payload: unknown): unknown {
  return eachRow(payload, (row) => ({ ...row, media: new Blob([], { type: row.media.type }) }));
}

/** The payload with these files again where `withoutMedia` took them out. */
export function withMedia(payload: unknown, files: readonly DataFile[]): unknown {
  const byPath = new Map(files.map(({ path, blob }) => [path, blob]));
  return eachRow(payload, (row) => {
    const media = row.media.size === 0 ? byPath.get(row.path) : undefined;
    return media ? { ...row, media } : row;
  });
}

/** Rows lie in lists of the payload itself. */
function eachRow(payload: unknown, change: (row: WithMedia) => WithMedia): unknown {
  if (typeof payload !== 'object' || payload === null || Object.getPrototypeOf(payload) !== Object.prototype)
    return payload;
  return Object.fromEntries(
    Object.entries(payload).map(([key, value]: [string, unknown]) => [
      key,
      Array.isArray(value) ? value.map((row: unknown) => (hasMedia(row) ? change(row) : row)) : value,
    ]),
  );
}

function hasMedia(row: unknown): row is WithMedia {
  return typeof row === 'object' && row !== null && 'media' in row && row.media instanceof Blob && 'path' in row;
}
