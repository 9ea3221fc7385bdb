// What the JavaScript of this page holds, as the browser's developer tools count it.
import { cdp } from 'vitest/browser';

interface HeapUsage {
  readonly usedSize: number;
  readonly backingStorageSize: number;
}

const devTools = cdp() as unknown as { send(method: string): Promise<HeapUsage> };

/** Bytes of objects and array buffers, garbage included. */
export async function memoryBytes(): Promise<number> {
  const { usedSize, backingStorageSize } = await devTools.send('Runtime.getHeapUsage');
  return usedSize + backingStorageSize;
}

export async function collectGarbage(): Promise<void> {
  await devTools.send('HeapProfiler.collectGarbage');
}
