// Finds the GPU, opens it with what the engine wants, and says what it is.
import { UserError } from '../../errors';
import { defaultTarget, type Target } from '../kernels/target';

export interface AdapterFacts {
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  readonly software: boolean;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

export interface OpenDevice {
  readonly device: GPUDevice;
  readonly adapter: GPUAdapter;
  readonly report: AdapterFacts;
}

const WANTED_FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];
const WANTED_LIMITS = ['maxStorageBufferBindingSize', 'maxBufferSize', 'maxStorageBuffersPerShaderStage'] as const;

/** The browser's WebGPU, or undefined; `navigator.gpu` is missing in browsers without it, whatever its type says. */
export function browserGpu(): GPU | undefined {
  return (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
}

/** Opens a device. Throws UserError `no-webgpu` or `no-adapter` when there is none. */
export async function openDevice(gpu: GPU | undefined = browserGpu()): Promise<OpenDevice> {
  if (!gpu) {
    throw new UserError('no-webgpu', 'This browser has no WebGPU; a current Chrome, Edge, Safari or Firefox has it.');
  }
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new UserError(
      'no-adapter',
      'The browser has WebGPU but offers no graphics adapter; check that hardware acceleration is switched on.',
    );
  }
  const device = await adapter.requestDevice({
    label: 'tabtune',
    requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(WANTED_LIMITS.map((limit) => [limit, adapter.limits[limit]])),
  });
  return { device, adapter, report: describe(adapter, device) };
}

function describe(adapter: GPUAdapter, device: GPUDevice): AdapterFacts {
  const { vendor, architecture, description, device: model } = adapter.info;
  const limits: Record<string, number> = {};
  for (const name of Object.keys(Object.getPrototypeOf(device.limits) as object)) {
    const value = (device.limits as unknown as Record<string, unknown>)[name];
    if (typeof value === 'number') limits[name] = value;
  }
  return {
    vendor,
    architecture,
    description: description || model,
    software: isSoftware(adapter.info),
    features: [...device.features].sort(),
    limits,
  };
}

/** Whether a CPU plays the GPU. */
export function isSoftware(
  info: Pick<GPUAdapterInfo, 'vendor' | 'architecture' | 'description' | 'device'> & { isFallbackAdapter?: boolean },
): boolean {
  const text = `${info.vendor} ${info.architecture} ${info.description} ${info.device}`.toLowerCase();
  return (
    info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|softpipe|warp|microsoft basic|software/.test(text)
  );
}

/** The compiler's target for an open device. Never more storage buffers than every WebGPU device has. */
export function targetOf(device: GPUDevice, software: boolean): Target {
  const { subgroupMinSize, subgroupMaxSize } = device.adapterInfo;
  const subgroups = device.features.has('subgroups');
  return {
    ...defaultTarget,
    software,
    unrolls: software,
    subgroupSize: subgroups && subgroupMinSize === subgroupMaxSize ? subgroupMinSize : 0,
    quads: subgroups,
    neighbours: subgroups ? subgroupMinSize : 1,
    storageBindingBytes: Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize),
    bufferBytes: device.limits.maxBufferSize,
    workgroupsPerDimension: device.limits.maxComputeWorkgroupsPerDimension,
  };
}
