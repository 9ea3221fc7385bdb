// Opens a WebGPU device in Node: a real GPU, else Mesa's lavapipe, else the SwiftShader that comes with Chromium.
import { existsSync, mkdtempSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create, globals } from 'webgpu';
import { findBrowser, mayHaveGpu } from '../../tools/browser';

export type AdapterKind = 'gpu' | 'lavapipe' | 'swiftshader';

export interface OpenedDevice {
  readonly device: GPUDevice;
  readonly adapter: GPUAdapter;
  readonly kind: AdapterKind;
  readonly description: string;
}

export interface DeviceOptions {
  /** `default` (WebGPU's own, the contract) or whatever the adapter can do. */
  readonly limits?: 'default' | 'adapter';
  /** Features not to ask for even where they are present. */
  readonly without?: readonly GPUFeatureName[];
  /** Told of every error outside an error scope; without it such an error ends the script or fails the test run. */
  readonly onError?: (message: string) => void;
}

/** One way to reach a driver; `drivers` are Vulkan ICD files, none means what the system offers. */
interface Candidate {
  readonly kind: AdapterKind | 'any';
  readonly drivers: string | undefined;
}

const wanted: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];

// Dawn lives only as long as the object that create() returned.
let opened: { gpu: GPU; kind: AdapterKind; description: string } | undefined;

function lavapipeDrivers(): string[] {
  const folders = ['/usr/share/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/etc/vulkan/icd.d'];
  return folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => /lvp_icd[^/]*\.json$/.test(path) && (!path.includes('i686') || process.arch === 'ia32'));
}

function swiftShaderDrivers(): string[] {
  const browser = findBrowser();
  const besideBrowser = browser === undefined ? [] : [dirname(realpathSync(browser))];
  const folders = [...besideBrowser, '/usr/lib/chromium', '/opt/google/chrome', '/opt/microsoft/msedge'];
  const drivers: string[] = [];
  for (const folder of new Set(folders)) {
    const described = join(folder, 'vk_swiftshader_icd.json');
    const library = join(folder, 'libvk_swiftshader.so');
    if (existsSync(described)) {
      drivers.push(described);
    } else if (existsSync(library)) {
      const path = join(mkdtempSync(join(tmpdir(), 'tabtune-')), 'swiftshader_icd.json');
      const driver = { file_format_version: '1.0.0', ICD: { library_path: library, api_version: '1.0.5' } };
      writeFileSync(path, JSON.stringify(driver));
      drivers.push(path);
    }
  }
  return drivers;
}

/** TABTUNE_ADAPTER=gpu|lavapipe|swiftshader asks for one kind; VK_ICD_FILENAMES is otherwise left as it is. */
function candidates(): Candidate[] {
  const asked = process.env.TABTUNE_ADAPTER;
  if (process.platform !== 'linux') return [{ kind: 'any', drivers: undefined }];
  const all: Candidate[] = [
    ...(asked === 'gpu' || mayHaveGpu() ? [{ kind: 'gpu', drivers: undefined } as const] : []),
    ...lavapipeDrivers().map((drivers) => ({ kind: 'lavapipe', drivers }) as const),
    ...swiftShaderDrivers().map((drivers) => ({ kind: 'swiftshader', drivers }) as const),
  ];
  if (asked !== undefined) return all.filter((candidate) => candidate.kind === asked);
  const named = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  return named === undefined ? all : [{ kind: 'any', drivers: named }, ...all];
}

function kindOf(info: GPUAdapterInfo): AdapterKind {
  const text = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`.toLowerCase();
  if (text.includes('llvmpipe')) return 'lavapipe';
  if (text.includes('swiftshader')) return 'swiftshader';
  return 'gpu';
}

/**
 * Dawn's binding asks for finished work by one `setImmediate` after the other, as long as anything is awaited: that
 * takes a whole core, which a CPU that plays the GPU needs itself. Asking once a millisecond costs nothing.
 */
function pollGently(): void {
  const gently = (callback: (...args: unknown[]) => void, ...args: unknown[]): unknown =>
    setTimeout(callback, 1, ...args);
  Object.assign(globalThis, { setImmediate: gently });
}

async function choose(): Promise<{ gpu: GPU; kind: AdapterKind; description: string }> {
  Object.assign(globalThis, globals);
  pollGently();
  // Any writable folder will do; without one Mesa refuses to start.
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
  for (const { kind: expected, drivers } of candidates()) {
    // The Vulkan loader reads these each time that Dawn starts.
    if (drivers === undefined) {
      delete process.env.VK_DRIVER_FILES;
      delete process.env.VK_ICD_FILENAMES;
    } else {
      process.env.VK_DRIVER_FILES = drivers;
      process.env.VK_ICD_FILENAMES = drivers;
    }
    // DAWN_OPTIONS=enable-dawn-features=vulkan_enable_f16_on_nvidia is how Linux with NVIDIA gets its f16.
    const options = (process.env.DAWN_OPTIONS ?? '').split(',').filter((option) => option !== '');
    const gpu = create(['disable-dawn-features=timestamp_quantization', ...options]);
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) continue;
    const kind = kindOf(adapter.info);
    if (expected !== 'any' && expected !== kind) continue;
    const device = await adapter.requestDevice().catch(() => null);
    if (device === null) continue;
    device.destroy();
    const { vendor, architecture, description } = adapter.info;
    return { gpu, kind, description: description || `${vendor} ${architecture}` };
  }
  throw new Error(
    'No WebGPU adapter. Install a Vulkan loader and a driver ' +
      '(Debian: apt-get install libvulkan1 chromium, or libvulkan1 mesa-vulkan-drivers for lavapipe).',
  );
}

/** Node's WebGPU, for code that asks it for adapters and devices itself. Throws where there is no adapter. */
export async function openGpu(): Promise<{ gpu: GPU; kind: AdapterKind; description: string }> {
  if (opened === undefined) {
    opened = await choose();
    console.log(`adapter: ${opened.description} (${opened.kind})`);
  }
  return opened;
}

/** A device of our own; the caller destroys it. Throws where there is no adapter, and never returns without one. */
export async function openDevice(options: DeviceOptions = {}): Promise<OpenedDevice> {
  const { gpu, kind, description } = await openGpu();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) throw new Error(`The adapter ${description} is gone.`);
  const requiredFeatures = wanted.filter(
    (feature) => adapter.features.has(feature) && options.without?.includes(feature) !== true,
  );
  const device = await adapter.requestDevice({
    requiredFeatures,
    ...(options.limits === 'adapter' ? { requiredLimits: limitsOf(adapter) } : {}),
  });
  device.addEventListener('uncapturederror', ({ error }) => {
    if (options.onError) options.onError(error.message);
    else throwLater(error.message);
  });
  return { device, adapter, kind, description };
}

/** Throws outside the device's callback, where it cannot vanish inside Dawn. */
function throwLater(message: string): void {
  setImmediate(() => {
    throw new Error(`WebGPU: ${message}`);
  });
}

function limitsOf(adapter: GPUAdapter): Record<string, number> {
  const limits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const value: unknown = Reflect.get(adapter.limits, name);
    if (typeof value === 'number') limits[name] = value;
  }
  return limits;
}
