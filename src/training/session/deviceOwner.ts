// Holds the worker's one GPU device: opened when first wanted, measured once, opened anew after a loss.
import type { AdapterReport } from '../protocol';

export interface OwnedDevice {
  readonly device: GPUDevice;
  readonly adapter: AdapterReport;
}

export interface DeviceSource {
  readonly open: () => Promise<{ readonly device: GPUDevice; readonly report: Omit<AdapterReport, 'gigaflops'> }>;
  readonly measure: (device: GPUDevice) => Promise<number>;
}

export class DeviceOwner {
  readonly #source: DeviceSource;
  #current: Promise<OwnedDevice> | null = null;
  #gigaflops: number | null = null;

  constructor(source: DeviceSource) {
    this.#source = source;
  }

  /** The device, alive as far as is known. */
  get(): Promise<OwnedDevice> {
    this.#current ??= this.#open();
    return this.#current;
  }

  async #open(): Promise<OwnedDevice> {
    try {
      const { device, report } = await this.#source.open();
      void device.lost.then(() => (this.#current = null));
      // The rate belongs to the adapter; after a loss there is no need to measure it again.
      this.#gigaflops ??= await this.#source.measure(device);
      return { device, adapter: { ...report, gigaflops: this.#gigaflops } };
    } catch (error) {
      this.#current = null;
      throw error;
    }
  }
}
