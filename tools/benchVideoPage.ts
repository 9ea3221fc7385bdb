// Inside the browser: times decoding to tensors against a bare decoder that closes every frame.
import {
  ALL_FORMATS,
  BlobSource,
  BufferTarget,
  CanvasSource,
  EncodedPacketSink,
  Input,
  Mp4OutputFormat,
  Output,
  Quality,
} from 'mediabunny';
import { openDevice } from '../src/engine/device/adapter';
import { FramePass } from '../src/engine/frames/framePass';
import { stretched } from '../src/engine/frames/placement';
import { framesToTensor } from '../src/frames/frameBatches';
import { decodeFrames } from '../src/video/decodeFrames';
import { VideoFile } from '../src/video/videoFile';

export interface VideoBench {
  readonly clip: string;
  readonly adapter: string;
  readonly imported: boolean;
  readonly bareMilliseconds: readonly number[];
  readonly tensorMilliseconds: readonly number[];
}

export interface ClipShape {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly megabits: number;
}

/** A clip with as much movement and detail as a bit rate of a phone buys. */
async function makeClip({ width, height, frames, megabits }: ClipShape): Promise<Blob> {
  const output = new Output({ format: new Mp4OutputFormat(), target: new BufferTarget() });
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  const source = new CanvasSource(canvas, {
    codec: 'avc',
    quality: new Quality({ bitrate: megabits * 1e6 }),
    keyFrameInterval: 2,
  });
  output.addVideoTrack(source, { frameRate: 30 });
  await output.start();
  const grain = noise(width, height);
  for (let i = 0; i < frames; i++) {
    context.drawImage(grain, -((i * 7) % width), -((i * 3) % height));
    for (let k = 0; k < 24; k++) {
      context.fillStyle = `hsl(${(k * 61 + i) % 360} 60% ${30 + ((k * 7) % 40)}%)`;
      context.fillRect((k * 131 + i * ((k % 9) - 4)) % width, (k * 97 + i * (k % 5)) % height, width / 9, height / 9);
    }
    await source.add(i / 30, 1 / 30);
  }
  await output.finalize();
  return new Blob([output.target.buffer!]);
}

/** Soft grain, twice the picture's size so that it can move. */
function noise(width: number, height: number): OffscreenCanvas {
  const small = new OffscreenCanvas(width, height);
  const context = small.getContext('2d')!;
  const image = context.createImageData(width, height);
  let state = 1;
  for (let i = 0; i < image.data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    image.data[i] = i % 4 === 3 ? 255 : state >>> 24;
  }
  context.putImageData(image, 0, 0);
  const large = new OffscreenCanvas(2 * width, 2 * height);
  large.getContext('2d')!.drawImage(small, 0, 0, 2 * width, 2 * height);
  return large;
}

async function bare(file: Blob, limit: number): Promise<number> {
  const started = performance.now();
  using input = new Input({ formats: ALL_FORMATS, source: new BlobSource(file) });
  const track = (await input.getPrimaryVideoTrack())!;
  let frames = 0;
  const decoder = new VideoDecoder({
    output: (frame) => {
      frames++;
      frame.close();
    },
    error: (error) => {
      throw error;
    },
  });
  decoder.configure((await track.getDecoderConfig())!);
  let packets = 0;
  for await (const packet of new EncodedPacketSink(track).packets()) {
    if (packets++ >= limit) break;
    decoder.decode(packet.toEncodedVideoChunk());
    while (decoder.decodeQueueSize > 16)
      await new Promise((resolve) => decoder.addEventListener('dequeue', resolve, { once: true }));
  }
  await decoder.flush();
  decoder.close();
  if (frames !== limit) throw new Error(`${frames} frames came, not ${limit}`);
  return performance.now() - started;
}

const side = 224;

/** `rounds` interleaved runs of each, after one of each that does not count. */
export async function bench(clip: ClipShape | string, frames: number, rounds: number): Promise<VideoBench> {
  const file = typeof clip === 'string' ? await (await fetch(clip)).blob() : await makeClip(clip);
  const { device, report } = await openDevice();
  let fault = '';
  device.addEventListener('uncapturederror', ({ error }) => (fault = error.message));
  const pass = new FramePass(device);
  const frameStride = 3 * side * side;
  const buffer = device.createBuffer({ size: frames * frameStride * 4, usage: GPUBufferUsage.STORAGE });
  const tensors = async (): Promise<number> => {
    const started = performance.now();
    using video = await VideoFile.open(file, 'clip');
    const { facts } = video;
    const wanted = Array.from({ length: frames }, (_, i) => i);
    const recipe = {
      placement: stretched(facts, { width: side, height: side }),
      coded: { upright: facts, ...facts.orientation },
      colour: facts.colour,
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
      jitter: [],
    } as const;
    const times = await framesToTensor(
      decodeFrames(video, { wanted }),
      pass,
      () => recipe,
      (frame) => ({
        buffer,
        format: 'f32',
        firstElement: frame * frameStride,
        frameStride,
        channelStride: side * side,
        rowStride: side,
        columnStride: 1,
      }),
    );
    await device.queue.onSubmittedWorkDone();
    if (fault !== '') throw new Error(fault);
    if (times.length !== frames) throw new Error(`${times.length} frames came, not ${frames}`);
    return performance.now() - started;
  };
  await bare(file, frames);
  await tensors();
  const bareMilliseconds: number[] = [];
  const tensorMilliseconds: number[] = [];
  for (let round = 0; round < rounds; round++) {
    bareMilliseconds.push(await bare(file, frames));
    tensorMilliseconds.push(await tensors());
  }
  return {
    clip: typeof clip === 'string' ? clip : `${clip.width}×${clip.height}, ${(file.size / 1e6).toFixed(1)} MB`,
    adapter: report.description || report.vendor,
    imported: pass.imports === true,
    bareMilliseconds,
    tensorMilliseconds,
  };
}
