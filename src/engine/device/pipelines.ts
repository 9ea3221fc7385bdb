// Compiles kernels, each distinct source once per device and all at the same time, and shares bind group layouts.
import { Bug } from '../../errors';

export interface KernelSource {
  readonly source: string;
  readonly entryPoint: string;
  readonly label: string;
  /** Access per binding, in order: u uniform, r read-only storage, w writable storage, - for a number without one. */
  readonly access: string;
}

export class Pipelines {
  readonly #device: GPUDevice;
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** Number of distinct kernels compiled so far. */
  get count(): number {
    return this.#pipelines.size;
  }

  layout(access: string): GPUBindGroupLayout {
    let layout = this.#layouts.get(access);
    if (!layout) {
      layout = this.#device.createBindGroupLayout({
        label: `bindings ${access}`,
        entries: Array.from(access).flatMap((one, binding): GPUBindGroupLayoutEntry[] => {
          if (one === '-') return [];
          const type = one === 'u' ? 'uniform' : one === 'r' ? 'read-only-storage' : 'storage';
          return [{ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } }];
        }),
      });
      this.#layouts.set(access, layout);
    }
    return layout;
  }

  /** All pipelines in the order given. `progress` is called once for each that was not known. Throws Bug with the WGSL line at fault. */
  async compile(kernels: readonly KernelSource[], progress?: () => void): Promise<GPUComputePipeline[]> {
    return Promise.all(kernels.map((kernel) => this.#get(kernel, progress)));
  }

  #get(kernel: KernelSource, progress: (() => void) | undefined): Promise<GPUComputePipeline> {
    const known = this.#pipelines.get(kernel.source);
    if (known) return known;
    const made = this.#make(kernel).then((pipeline) => {
      progress?.();
      return pipeline;
    });
    this.#pipelines.set(kernel.source, made);
    return made;
  }

  async #make({ source, entryPoint, label, access }: KernelSource): Promise<GPUComputePipeline> {
    const module = this.#device.createShaderModule({ label, code: source });
    try {
      return await this.#device.createComputePipelineAsync({
        label,
        layout: this.#device.createPipelineLayout({ label, bindGroupLayouts: [this.layout(access)] }),
        compute: { module, entryPoint },
      });
    } catch (error) {
      const info = await module.getCompilationInfo();
      const lines = source.split('\n');
      const messages = info.messages.map((one) => `${one.message}\n  ${one.lineNum}: ${lines[one.lineNum - 1] ?? ''}`);
      throw new Bug(`kernel ${label} does not compile: ${messages.join('\n') || String(error)}`, { cause: error });
    }
  }
}
