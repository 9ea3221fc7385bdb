// Entry of the process that measures one row in Node: `node row.mjs '{"kind":"row",…}'` prints a line RESULT {…}.
import { openGpu } from '../helpers/gpu';
import type { Request } from './protocol';
import { answer } from './row';

const { gpu } = await openGpu();
// Peers look for the browser's object.
const navigator = { gpu, userAgent: 'node', hardwareConcurrency: 2 };
Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
acceptSharedMemory();
const request = JSON.parse(process.argv[2] ?? '') as Request;
const line = `RESULT ${JSON.stringify(await answer(request))}\n`;
// Dawn keeps threads alive: leave by force, after the output is out.
process.stdout.write(line, () => process.exit(0));

/** Node's binding refuses views of shared memory, from which onnxruntime-web writes. */
function acceptSharedMemory(): void {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the queue below
  const write = GPUQueue.prototype.writeBuffer;
  GPUQueue.prototype.writeBuffer = function (buffer, offset, data, ...range) {
    const shared = ArrayBuffer.isView(data) && data.buffer instanceof SharedArrayBuffer;
    const own = shared ? (data as Uint8Array<SharedArrayBuffer>).slice() : data;
    write.call(this, buffer, offset, own as GPUAllowSharedBufferSource, ...range);
  };
}
