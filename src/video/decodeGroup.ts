// Decodes packets one by one and keeps every frame that comes out before the decoder fails.
import type { EncodedPacket } from 'mediabunny';
import { withPatience } from './patience';

/**
 * Frames of the packets from one key frame on, in presentation order; ends without an error where the decoder has one.
 * The caller closes what it was given; the rest is closed here.
 */
export async function* decodeGroup(
  config: VideoDecoderConfig,
  packets: AsyncIterable<EncodedPacket>,
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<VideoFrame, void> {
  const ready: VideoFrame[] = [];
  let failed = false;
  let wake: () => void = () => undefined;
  const decoder = new VideoDecoder({
    output: (frame) => {
      ready.push(frame);
      wake();
    },
    error: () => {
      failed = true;
      wake();
    },
  });
  decoder.ondequeue = () => wake();
  const isOver = () => failed;
  try {
    // Without frame threads fewer frames are under way, and thus lost, when the decoder fails.
    decoder.configure({ ...config, optimizeForLatency: true });
    for await (const packet of packets) {
      if (isOver()) break;
      decoder.decode(packet.toEncodedVideoChunk());
      while (!isOver() && decoder.decodeQueueSize > 0)
        await withPatience(new Promise<void>((resolve) => (wake = resolve)), path, signal);
      while (ready.length > 0) yield ready.shift()!;
    }
    if (!isOver()) await withPatience(decoder.flush(), path, signal).catch(() => signal?.throwIfAborted());
    while (ready.length > 0) yield ready.shift()!;
  } finally {
    for (const frame of ready) frame.close();
    if (decoder.state !== 'closed') decoder.close();
  }
}
