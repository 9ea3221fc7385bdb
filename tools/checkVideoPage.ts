// Inside the browser: decodes one file as the page does, and tells what came out.
import { openDevice } from '../src/engine/device/adapter';
import { FramePass } from '../src/engine/frames/framePass';
import { stretched } from '../src/engine/frames/placement';
import { UserError } from '../src/errors';
import { decodeFrames } from '../src/video/decodeFrames';
import { VideoFile, type VideoFacts } from '../src/video/videoFile';

/** What became of one file; plain data for the program outside. */
export interface DecodedFile {
  readonly milliseconds: number;
  readonly times: readonly number[];
  /** Mean red, green and blue of a 4 × 4 grid, row by row, 0..255, by frame number. */
  readonly grids: Readonly<Record<string, readonly number[]>>;
  readonly facts: Pick<VideoFacts, 'width' | 'height' | 'codec' | 'container' | 'track' | 'tracks'> | null;
  readonly notices: readonly string[];
  readonly problem: { readonly code: string; readonly message: string } | null;
  readonly refusal: { readonly code: string; readonly message: string } | null;
}

const side = 64;
let opened: Promise<{ device: GPUDevice; pass: FramePass; tensor: GPUBuffer; back: GPUBuffer }> | undefined;

async function open() {
  const { device } = await openDevice();
  device.addEventListener('uncapturederror', ({ error }) => reportError(error));
  const size = 3 * side * side * 4;
  return {
    device,
    pass: new FramePass(device),
    tensor: device.createBuffer({ size, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC }),
    back: device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST }),
  };
}

async function gridOf(frame: VideoFrame, { width, height, orientation, colour }: VideoFacts): Promise<number[]> {
  const { device, pass, tensor, back } = await (opened ??= open());
  const upright = { width, height };
  const recipe = {
    placement: stretched(upright, { width: side, height: side }),
    coded: { upright, ...orientation },
    colour,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    jitter: [],
  } as const;
  await pass.encode([frame], recipe, {
    buffer: tensor,
    format: 'f32',
    firstElement: 0,
    frameStride: 3 * side * side,
    channelStride: side * side,
    rowStride: side,
    columnStride: 1,
  });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(tensor, 0, back, 0, back.size);
  device.queue.submit([encoder.finish()]);
  await back.mapAsync(GPUMapMode.READ);
  const values = new Float32Array(back.getMappedRange().slice(0));
  back.unmap();
  const grid = new Float64Array(48);
  const cell = side / 4;
  for (let i = 0; i < side * side; i++) {
    const place = 4 * Math.floor(Math.floor(i / side) / cell) + Math.floor((i % side) / cell);
    for (let c = 0; c < 3; c++) grid[3 * place + c]! += (values[c * side * side + i]! * 255) / cell ** 2;
  }
  return [...grid];
}

/** Decodes all frames of `url`; measures the colours of the frames `gridFrames`. */
export async function decodeFile(url: string, path: string, gridFrames: readonly number[]): Promise<DecodedFile> {
  const file = await (await fetch(url)).blob();
  await (opened ??= open());
  const started = performance.now();
  const times: number[] = [];
  const grids: Record<string, number[]> = {};
  let facts: VideoFacts | null = null;
  let problem: UserError | null = null;
  let refusal: UserError | null = null;
  let measuring = 0;
  try {
    using video = await VideoFile.open(file, path);
    facts = video.facts;
    for await (const { index, seconds, frame } of decodeFrames(video, { onProblem: (error) => (problem = error) })) {
      try {
        times.push(seconds);
        const begun = performance.now();
        if (gridFrames.includes(index)) grids[index] = await gridOf(frame, facts);
        measuring += performance.now() - begun;
      } finally {
        frame.close();
      }
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    refusal = error;
  }
  const told = (error: UserError | null) => error && { code: error.code, message: error.message };
  return {
    milliseconds: performance.now() - started - measuring,
    times,
    grids,
    facts,
    notices: facts?.notices.map(({ code }) => code) ?? [],
    problem: told(problem),
    refusal: told(refusal),
  };
}
