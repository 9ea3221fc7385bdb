// Prints the WebGPU adapter that tests and tools use here, with its features.
import { openDevice } from '../test/helpers/gpu';

export async function main(): Promise<number> {
  const { device } = await openDevice();
  console.log(`features: ${[...device.features].filter((name) => name !== 'core-features-and-limits').join(' ')}`);
  return 0;
}
