// The boxes of an MP4 or QuickTime file: found by name, and read from the file one at a time.
// ISO/IEC 14496-12, 4.2.

export interface Box {
  readonly name: string;
  /** Position of the contents. */
  readonly start: number;
  readonly end: number;
}

/** A movie header of a day of video has some 50 MB. */
const largestHeader = 256 * 2 ** 20;

/** The outermost boxes, each with where it ends by its header; `read` gives one without its header. Throws RangeError for what is no such file. */
export async function* topLevelBoxes(
  file: Blob,
): AsyncGenerator<{ name: string; end: number; read: () => Promise<DataView> }> {
  for (let at = 0; at + 8 <= file.size;) {
    const start = at;
    const head = view(await file.slice(at, at + 16).arrayBuffer());
    const box = boxAt(head, 0, file.size - at);
    const read = async () => {
      if (box.end - box.start > largestHeader) throw new RangeError('header too large');
      return view(await file.slice(start + box.start, start + box.end).arrayBuffer());
    };
    yield { name: box.name, end: start + box.end, read };
    at += box.end;
  }
}

/** The `trak` box of a track within a movie's contents, or null. */
export function trackBox(movie: DataView, trackId: number): Box | null {
  for (const track of boxes(movie, 0, movie.byteLength)) {
    if (track.name !== 'trak') continue;
    const header = child(movie, track.start, track.end, 'tkhd');
    if (!header) continue;
    const wide = movie.getUint8(header.start) === 1;
    if (movie.getUint32(header.start + (wide ? 20 : 12)) === trackId) return track;
  }
  return null;
}

/** The box at the end of a way of names, or null. */
export function path(data: DataView, parent: Box, ...names: readonly string[]): Box | null {
  let box: Box | null = parent;
  for (const name of names) box = box && child(data, box.start, box.end, name);
  return box;
}

export function child(data: DataView, start: number, end: number, name: string): Box | null {
  for (const box of boxes(data, start, end)) if (box.name === name) return box;
  return null;
}

/** The boxes between two places, in their order. Throws RangeError where one does not fit. */
export function* boxes(data: DataView, start: number, end: number): Generator<Box> {
  for (let at = start; at + 8 <= end;) {
    const box = boxAt(data, at, end);
    yield box;
    at = box.end;
  }
}

/** Throws RangeError where the box does not fit; so does reading beyond a view. */
function boxAt(data: DataView, at: number, limit: number): Box {
  let size = data.getUint32(at);
  const name = String.fromCharCode(...[4, 5, 6, 7].map((i) => data.getUint8(at + i)));
  let start = at + 8;
  if (size === 1) {
    size = Number(data.getBigUint64(at + 8));
    start = at + 16;
  } else if (size === 0) size = limit - at;
  if (at + size < start) throw new RangeError(`box ${name} is smaller than its header`);
  return { name, start, end: at + size };
}

function view(bytes: ArrayBuffer): DataView {
  return new DataView(bytes);
}
