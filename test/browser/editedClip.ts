// Gives a clip an edit list: parts of [length, begin] in seconds, begin null for empty time, and their speed.

export type Part = readonly [lengthSeconds: number, fromSeconds: number | null, speed?: number];

interface Place {
  readonly start: number;
  readonly size: number;
}

export async function withEdits(clip: Blob, parts: readonly Part[]): Promise<Blob> {
  const bytes = new Uint8Array(await clip.arrayBuffer());
  const view = new DataView(bytes.buffer);
  const child = (parent: Place, name: string): Place => {
    for (let at = parent.start + 8; at < parent.start + parent.size; at += view.getUint32(at))
      if (String.fromCharCode(...bytes.subarray(at + 4, at + 8)) === name)
        return { start: at, size: view.getUint32(at) };
    throw new Error(`no box ${name}`);
  };
  const movie = child({ start: -8, size: bytes.length + 8 }, 'moov');
  const track = child(movie, 'trak');
  const header = child(track, 'tkhd');
  const timescale = (box: Place) => view.getUint32(box.start + (view.getUint8(box.start + 8) === 1 ? 28 : 20));
  const [movieTicks, trackTicks] = [child(movie, 'mvhd'), child(child(track, 'mdia'), 'mdhd')].map(timescale);
  const list = new DataView(new ArrayBuffer(24 + 12 * parts.length));
  const word = (at: number, value: number) => list.setUint32(at, value);
  word(0, list.byteLength);
  word(4, 0x65647473); // edts
  word(8, list.byteLength - 8);
  word(12, 0x656c7374); // elst
  word(20, parts.length);
  parts.forEach(([length, from, speed = 1], i) => {
    const at = 24 + 12 * i;
    word(at, Math.round(length * movieTicks!));
    list.setInt32(at + 4, from === null ? -1 : Math.round(from * trackTicks!));
    word(at + 8, speed * 0x10000);
  });
  // What follows the index moves back.
  const offsets = child(child(child(child(track, 'mdia'), 'minf'), 'stbl'), 'stco');
  for (let at = offsets.start + 16; at < offsets.start + offsets.size; at += 4)
    if (view.getUint32(at) > movie.start) view.setUint32(at, view.getUint32(at) + list.byteLength);
  for (const box of [movie, track]) view.setUint32(box.start, box.size + list.byteLength);
  const place = header.start + header.size;
  return new Blob([bytes.subarray(0, place), list, bytes.subarray(place)]);
}
