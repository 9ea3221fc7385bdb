// Brings decoded frames to the GPU: imported as textures where the browser can, else as the bytes of their planes.
import type { PlaneShape } from './placement';
import { BLOCK_SAMPLES, type FrameSamples } from './frameKernels';

/** A plane as it lies in the buffer. */
export interface StagedPlane extends PlaneShape {
  readonly firstWord: number;
  readonly rowWords: number;
}

export interface FrameShape {
  readonly samples: FrameSamples;
  readonly planes: readonly StagedPlane[];
  /** Transparency comes along behind the others, for copying gives all planes; nothing reads it. */
  readonly alpha?: StagedPlane;
  /** Bits of a sample; more than 8 lie in two bytes. */
  readonly bits: 8 | 10 | 12;
  /** Words of one frame in the buffer; 0 for textures. */
  readonly frameWords: number;
}

/** Formats of three planes: pixels from one chroma sample to the next, across and down. */
const subsampling: Readonly<Record<string, readonly [number, number]>> = { I420: [2, 2], I422: [2, 1], I444: [1, 1] };

/** How a frame is read once it is on the GPU. */
export function shapeOf(frame: VideoFrame, samples: 'external' | 'texture' | 'bytes'): FrameShape {
  if (samples !== 'bytes') {
    const { displayWidth: width, displayHeight: height } = frame;
    return { samples, planes: [{ width, height, firstWord: 0, rowWords: 0 }], bits: 8, frameWords: 0 };
  }
  const { width, height } = frame.visibleRect ?? { width: frame.codedWidth, height: frame.codedHeight };
  const [, name, transparent, depth] = /^(I4\d\d)(A)?(?:P(10|12))?$/.exec(frame.format ?? '') ?? [];
  const steps = name === undefined ? undefined : subsampling[name];
  if (!steps) {
    const plane = { width, height, firstWord: 0, rowWords: Math.ceil(width / 4) * 4 };
    return { samples: 'pixels', planes: [plane], bits: 8, frameWords: plane.rowWords * height };
  }
  const [across, down] = steps;
  const bits = depth === '10' ? 10 : depth === '12' ? 12 : 8;
  const planes: StagedPlane[] = [];
  let firstWord = 0;
  for (const isChroma of [false, true, true]) {
    const planeWidth = isChroma ? Math.ceil(width / across) : width;
    const planeHeight = isChroma ? Math.ceil(height / down) : height;
    const rowWords = (bits > 8 ? 8 : 4) * Math.ceil(planeWidth / BLOCK_SAMPLES);
    // MPEG's chroma lies over the left one of two luma samples.
    const sitedLeft = isChroma && across === 2 ? 0.25 : 0;
    planes.push({ width: planeWidth, height: planeHeight, firstWord, rowWords, sitedLeft });
    firstWord += rowWords * planeHeight;
  }
  if (transparent === undefined) return { samples: 'planes', planes, bits, frameWords: firstWord };
  const alpha = { ...planes[0]!, firstWord };
  return { samples: 'planes', planes, alpha, bits, frameWords: firstWord + alpha.rowWords * height };
}

/** Copies a frame's samples into `bytes` as `shape` says; the browser does it without a loop of ours. */
export async function copySamples(frame: VideoFrame, shape: FrameShape, bytes: Uint8Array): Promise<void> {
  const copied = shape.alpha ? [...shape.planes, shape.alpha] : shape.planes;
  const layout = copied.map(({ firstWord, rowWords }) => ({ offset: firstWord * 4, stride: rowWords * 4 }));
  if (shape.samples === 'planes') await frame.copyTo(bytes, { layout });
  else await frame.copyTo(bytes, { layout, format: 'RGBA' });
}

/** Whether this browser imports such a frame on this device. Adapters that play a GPU on a CPU mostly cannot. */
export function canImport(device: GPUDevice, frame: VideoFrame): boolean {
  try {
    device.importExternalTexture({ source: frame });
    return true;
  } catch {
    return false;
  }
}
