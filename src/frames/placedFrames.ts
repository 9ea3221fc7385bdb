// One decoded frame for every place of a clip: repeated where it is wanted twice, stood in for where the file lost it.
import type { DecodedFrame } from '../video/decodeFrames';

/** Frame numbers in ascending order without repeats, as a decoder takes them. */
export function distinctFrames(wanted: readonly number[]): number[] {
  return [...new Set(wanted)];
}

/**
 * As many frames as `wanted` has places, in its order, which ascends. `decoded` gives the distinct ones of them; for one
 * that a damaged file does not give comes the one before it, or else the first. Whoever takes a frame closes it.
 */
export async function* placedFrames(
  decoded: AsyncIterable<DecodedFrame>,
  wanted: readonly number[],
): AsyncGenerator<DecodedFrame, void> {
  const open = new Set<VideoFrame>();
  let former: DecodedFrame | null = null;
  let place = 0;
  try {
    for await (const next of decoded) {
      open.add(next.frame);
      // Places of frames that did not come lie before this one's.
      for (; wanted[place]! < next.index; place++) yield copyOf(former ?? next);
      for (; wanted[place] === next.index; place++) yield copyOf(next);
      former?.frame.close();
      if (former) open.delete(former.frame);
      former = next;
    }
    for (; former && place < wanted.length; place++) yield copyOf(former);
  } finally {
    for (const frame of open) frame.close();
  }
}

function copyOf({ index, seconds, frame }: DecodedFrame): DecodedFrame {
  return { index, seconds, frame: frame.clone() };
}
