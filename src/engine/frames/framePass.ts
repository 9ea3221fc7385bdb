// Makes a part of a batch from decoded frames in one compute pass, wherever in the tensor it belongs.
import { Bug } from '../../errors';
import { augmentKernel, TABLE_LEVELS, tableKernel } from './augmentKernels';
import { collectKernel, downKernel, finishKernel, jitterKernel, meanKernel, rowsPerInvocation } from './frameKernels';
import type { FrameRecipe, FrameTensor } from './frameRecipe';
import { canImport, copySamples, shapeOf, type FrameShape } from './frameSamples';
import { frameSettings, joinTables, rowGroups, SETTINGS_BYTES } from './frameSettings';
import { frameTables } from './placement';
import { encodeStep, needsTable, STEP_WORDS } from './randAugment';

type Bindings = Readonly<Record<number, GPUBindingResource>>;

export class FramePass {
  readonly #device: GPUDevice;
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  readonly #buffers = new Map<string, GPUBuffer>();
  #bytes = new Uint8Array();
  #imports: boolean | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Whether frames are imported as textures; null before the first one was tried. */
  get imports(): boolean | null {
    return this.#imports;
  }

  /**
   * Writes `frames` one after the other to `tensor`. When the promise is kept, the work is submitted and the frames may
   * be closed. Calls queue up.
   */
  async encode(frames: readonly VideoFrame[], recipe: FrameRecipe, tensor: FrameTensor): Promise<void> {
    const work = this.#turn.then(() => this.#encode(frames, recipe, tensor));
    this.#turn = work.catch(() => undefined);
    await work;
  }

  dispose(): void {
    for (const buffer of this.#buffers.values()) buffer.destroy();
    this.#buffers.clear();
  }

  async #encode(frames: readonly VideoFrame[], recipe: FrameRecipe, tensor: FrameTensor): Promise<void> {
    if (frames.length === 0) return;
    this.#imports ??= canImport(this.#device, frames[0]!);
    // A stream may change its size on the way.
    for (let start = 0; start < frames.length;) {
      const shape = this.#shape(frames[start]!);
      const text = JSON.stringify(shape);
      let end = start + 1;
      while (end < frames.length && JSON.stringify(this.#shape(frames[end]!)) === text) end++;
      const part = frames.slice(start, end);
      const firstElement = tensor.firstElement + start * tensor.frameStride;
      await this.#encodeAlike(part, shape, recipe, { ...tensor, firstElement });
      start = end;
    }
  }

  #shape(frame: VideoFrame): FrameShape {
    if (this.#imports === true) return shapeOf(frame, 'external');
    return shapeOf(frame, frame.format === null ? 'texture' : 'bytes');
  }

  async #encodeAlike(frames: readonly VideoFrame[], shape: FrameShape, recipe: FrameRecipe, tensor: FrameTensor) {
    const { samples } = shape;
    const byBytes = samples === 'planes' || samples === 'pixels';
    const { augment = [] } = recipe;
    const collected = recipe.jitter.length > 0 || augment.length > 0;
    const tables = shape.planes.map((plane) => frameTables(recipe.placement, recipe.coded, plane));
    const { starts, weights, places } = joinTables(tables, shape);
    const { across, down } = { across: tables[0]!.across.length, down: tables[0]!.down.length };
    const count = frames.length;
    const firstKernel = collected ? collectKernel(samples) : finishKernel(samples, tensor.format);
    const [downFirst, downChroma, first, mean, last, levels, augmented] = await Promise.all([
      byBytes ? this.#pipeline(downKernel(shape.bits, 'first')) : null,
      samples === 'planes' ? this.#pipeline(downKernel(shape.bits, 'chroma')) : null,
      this.#pipeline(firstKernel),
      collected ? this.#pipeline(meanKernel) : null,
      collected ? this.#pipeline(jitterKernel(tensor.format)) : null,
      augment.some(needsTable) ? this.#pipeline(tableKernel) : null,
      augment.length > 0 ? this.#pipeline(augmentKernel) : null,
    ]);
    const stride = Math.ceil(SETTINGS_BYTES / 256) * 256;
    const uniform = this.#buffer('settings', stride * count, GPUBufferUsage.UNIFORM);
    const output = boundRange(tensor, across, down, count);
    for (let i = 0; i < count; i++) {
      const settings = frameSettings(shape, tables[0]!, places, recipe, output.tensor, i);
      this.#device.queue.writeBuffer(uniform, i * stride, settings);
    }
    const startBuffer = this.#filled('starts', starts);
    const weightBuffer = this.#filled('weights', weights);
    const groups = shape.planes.reduce((sum, plane) => sum + rowGroups(plane, shape), 0);
    const scratch = byBytes ? this.#buffer('scratch', groups * down * 8, GPUBufferUsage.STORAGE) : null;
    const bytes = byBytes ? await this.#stage(frames, shape) : null;
    const storage = (name: string, bytes: number) => this.#buffer(name, bytes, GPUBufferUsage.STORAGE);
    const colours = collected ? storage('colours', across * down * 16 * count) : null;
    const others = augmented ? storage('other colours', across * down * 16 * count) : null;
    const tablesOfLevels = augmented ? storage('levels', TABLE_LEVELS * 4 * count) : null;
    const means = collected ? storage('means', 4 * count) : null;
    const steps = augment.map((step, i) => {
      const words = encodeStep(step, { width: across, height: down }, tables[0]!.transposed);
      return { step, uniform: this.#filled(`step ${i}`, words, GPUBufferUsage.UNIFORM) };
    });

    // From here to the submission nothing is awaited: imported textures live no longer.
    const encoder = this.#device.createCommandEncoder({ label: 'frames' });
    const pass = encoder.beginComputePass({ label: 'frames' });
    const run = (pipeline: GPUComputePipeline, bindings: Bindings, grid: readonly [number, number, number]) => {
      const entries = Object.entries(bindings).map(([binding, resource]) => ({ binding: Number(binding), resource }));
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, this.#device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
      pass.dispatchWorkgroups(...grid);
    };
    const common = (i: number): Bindings => ({
      0: { buffer: uniform, offset: i * stride, size: SETTINGS_BYTES },
      1: { buffer: startBuffer },
      2: { buffer: weightBuffer },
    });
    const target = colours ? { buffer: colours } : output.binding;
    const tiles = [Math.ceil(across / 8), Math.ceil(down / 8)] as const;
    const firstTiles = [tiles[0], Math.ceil(down / rowsPerInvocation(samples) / 8)] as const;
    // Frame by frame, so that a CPU adapter finds the column sums still in its cache: a seventh less time there.
    frames.forEach((frame, i) => {
      if (scratch && bytes) {
        const bindings = { ...common(i), 3: { buffer: bytes }, 4: { buffer: scratch } };
        const blocks = (plane: number) => Math.ceil(rowGroups(shape.planes[plane]!, shape) / 64);
        if (downFirst) run(downFirst, bindings, [blocks(0), Math.ceil(down / 4), 1]);
        if (downChroma) run(downChroma, bindings, [blocks(1), Math.ceil(down / 4), 2]);
      }
      const source = scratch ? { buffer: scratch } : this.#picture(frame, samples, i);
      run(first, { ...common(i), 3: source, 4: target }, [...firstTiles, 1]);
    });
    let [current, next] = [colours, others];
    for (const { step, uniform: words } of steps) {
      const bindings = { 0: { buffer: words, size: STEP_WORDS * 4 }, 1: { buffer: current! } };
      if (needsTable(step)) run(levels!, { ...bindings, 2: { buffer: tablesOfLevels! } }, [count, 1, 1]);
      const both = { ...bindings, 2: { buffer: tablesOfLevels! }, 3: { buffer: next! } };
      run(augmented!, both, [...tiles, count]);
      [current, next] = [next, current];
    }
    if (mean && last && current && means) {
      const { 0: uniforms } = common(0);
      run(mean, { 0: uniforms!, 3: { buffer: current }, 4: { buffer: means } }, [count, 1, 1]);
      run(last, { 0: uniforms!, 3: { buffer: current }, 4: output.binding, 5: { buffer: means } }, [...tiles, count]);
    }
    pass.end();
    this.#device.queue.submit([encoder.finish()]);
  }

  /** Copies all frames into one block, and that to the GPU. */
  async #stage(frames: readonly VideoFrame[], shape: FrameShape): Promise<GPUBuffer> {
    const frameBytes = shape.frameWords * 4;
    const total = frameBytes * frames.length;
    if (this.#bytes.byteLength < total) this.#bytes = new Uint8Array(total);
    const block = this.#bytes;
    await Promise.all(
      frames.map((frame, i) => copySamples(frame, shape, block.subarray(i * frameBytes, (i + 1) * frameBytes))),
    );
    const buffer = this.#buffer('bytes', total, GPUBufferUsage.STORAGE);
    this.#device.queue.writeBuffer(buffer, 0, block, 0, total);
    return buffer;
  }

  #picture(frame: VideoFrame, samples: FrameShape['samples'], i: number): GPUBindingResource {
    if (samples === 'external') return this.#device.importExternalTexture({ source: frame });
    if (samples !== 'texture') throw new Bug(`frames of ${samples} have no texture`);
    const size = [frame.displayWidth, frame.displayHeight];
    const texture = this.#device.createTexture({
      label: `frame ${i}`,
      size,
      format: 'rgba8unorm',
      usage: GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST | GPUTextureUsage.RENDER_ATTACHMENT,
    });
    this.#device.queue.copyExternalImageToTexture({ source: frame }, { texture }, size);
    void this.#device.queue.onSubmittedWorkDone().then(() => texture.destroy());
    return texture.createView();
  }

  #pipeline(code: string): Promise<GPUComputePipeline> {
    let pipeline = this.#pipelines.get(code);
    if (!pipeline) {
      pipeline = compile(this.#device, code);
      this.#pipelines.set(code, pipeline);
    }
    return pipeline;
  }

  #filled(
    name: string,
    content: Uint32Array<ArrayBuffer> | Float32Array<ArrayBuffer>,
    usage = GPUBufferUsage.STORAGE,
  ): GPUBuffer {
    const buffer = this.#buffer(name, content.byteLength, usage);
    this.#device.queue.writeBuffer(buffer, 0, content);
    return buffer;
  }

  /** A buffer that is kept from call to call and grows. */
  #buffer(name: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const held = this.#buffers.get(name);
    if (held && held.size >= bytes) return held;
    held?.destroy();
    const buffer = this.#device.createBuffer({
      label: `frames ${name}`,
      size: Math.ceil(bytes / 16) * 16,
      usage: usage | GPUBufferUsage.COPY_DST,
    });
    this.#buffers.set(name, buffer);
    return buffer;
  }
}

/** The part of a tensor that some frames take, since a device binds only so much: at a multiple of 256 bytes. */
function boundRange(tensor: FrameTensor, across: number, down: number, count: number) {
  const elementBytes = tensor.format === 'f16' ? 2 : 4;
  const side = Math.max(across, down) - 1;
  const extent =
    (count - 1) * tensor.frameStride + 2 * tensor.channelStride + side * (tensor.rowStride + tensor.columnStride) + 1;
  const start = tensor.firstElement * elementBytes;
  const offset = Math.floor(start / 256) * 256;
  const size = Math.min(tensor.buffer.size - offset, Math.ceil((start - offset + extent * elementBytes) / 4) * 4);
  return {
    tensor: { ...tensor, firstElement: (start - offset) / elementBytes },
    binding: { buffer: tensor.buffer, offset, size },
  };
}

async function compile(device: GPUDevice, code: string): Promise<GPUComputePipeline> {
  const label = /fn (frames_\w+)/.exec(code)![1]!;
  const module = device.createShaderModule({ label, code });
  try {
    return await device.createComputePipelineAsync({ label, layout: 'auto', compute: { module } });
  } catch (cause) {
    const { messages } = await module.getCompilationInfo();
    const lines = messages.map(({ message, lineNum }) => `${message} in line ${lineNum}`);
    throw new Bug(`kernel ${label} does not compile: ${lines.join('\n')}`, { cause });
  }
}
