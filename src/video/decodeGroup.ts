// Decodes packets one by one and keeps every frame that comes out before the decoder fails.
import { withPatience } from './patience';

export interface GroupChunk {
  /** Another one than that of the chunk before makes the decoder begin anew. */
  readonly config: VideoDecoderConfig;
  readonly chunk: EncodedVideoChunk;
}

/**
 * Frames of the chunks from one key frame on, in presentation order; ends without an error where the decoder has one, and
 * says so. The caller closes what it was given; the rest is closed here.
 */
export async function* decodeGroup(
  chunks: AsyncIterable<GroupChunk>,
  path: string,
  onFailure: () => void,
  signal?: AbortSignal,
): AsyncGenerator<VideoFrame, void> {
  const ready: VideoFrame[] = [];
  let failed = false;
  let wake: () => void = () => undefined;
  const fail = () => {
    failed = true;
    onFailure();
    wake();
  };
  const decoder = new VideoDecoder({
    output: (frame) => {
      ready.push(frame);
      wake();
    },
    error: fail,
  });
  decoder.ondequeue = () => wake();
  const isOver = () => failed;
  let configured: VideoDecoderConfig | null = null;
  const flush = async () => {
    if (isOver() || configured === null) return;
    await withPatience(decoder.flush(), path, signal).catch(() => {
      signal?.throwIfAborted();
      if (!isOver()) fail();
    });
  };
  try {
    for await (const { config, chunk } of chunks) {
      if (config !== configured) {
        await flush();
        while (ready.length > 0) yield ready.shift()!;
        if (isOver()) break;
        // Without frame threads fewer frames are under way, and thus lost, when the decoder fails.
        decoder.configure({ ...config, optimizeForLatency: true });
        configured = config;
      }
      if (isOver()) break;
      decoder.decode(chunk);
      while (!isOver() && decoder.decodeQueueSize > 0)
        await withPatience(new Promise<void>((resolve) => (wake = resolve)), path, signal);
      while (ready.length > 0) yield ready.shift()!;
    }
    await flush();
    while (ready.length > 0) yield ready.shift()!;
  } finally {
    for (const frame of ready) frame.close();
    if (decoder.state !== 'closed') decoder.close();
  }
}
