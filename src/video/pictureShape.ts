// Size and shape of a video's pictures: what container and stream say, held against the first frame that is decoded.
import type { InputVideoTrack } from 'mediabunny';
import { decodePackets, type PacketSource } from './decodePackets';

export interface PictureShape {
  /** As decoded. */
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** Width of a pixel over its height. */
  readonly pixelAspect: number;
}

/**
 * The first frame decides; where nothing is decoded (no decoder, or a damaged beginning) the stream does, which
 * mediabunny reads at half the height where it is interlaced, and else the container. A shape that the container states
 * goes before that of the stream, as in ffmpeg.
 */
export async function pictureShape(source: PacketSource, signal?: AbortSignal): Promise<PictureShape> {
  const { track, index } = source;
  const stated = await track.getPixelAspectRatio();
  const { picture } = index.stream;
  const frame = await firstFrame(source, signal);
  const size = frame ?? picture ?? (await codedSize(track));
  const ofContainer = stated.num / stated.den;
  const pixelAspect = ofContainer === 1 ? (picture?.pixelAspect ?? frame?.pixelAspect ?? 1) : ofContainer;
  return { codedWidth: size.width, codedHeight: size.height, pixelAspect };
}

async function codedSize(track: InputVideoTrack): Promise<{ width: number; height: number }> {
  return { width: await track.getCodedWidth(), height: await track.getCodedHeight() };
}

async function firstFrame(
  source: PacketSource,
  signal?: AbortSignal,
): Promise<{ width: number; height: number; pixelAspect: number } | null> {
  if (!('VideoDecoder' in globalThis)) return null;
  for await (const { frame } of decodePackets(source, source.index.mediaTimes[0]!, signal)) {
    const { width, height } = frame.visibleRect ?? { width: frame.codedWidth, height: frame.codedHeight };
    const pixelAspect = (frame.displayWidth * height) / (frame.displayHeight * width);
    frame.close();
    // A shape that only differs by rounding is a square.
    return { width, height, pixelAspect: Math.abs(pixelAspect - 1) * width < 1 ? 1 : pixelAspect };
  }
  return null;
}
