// What Try holds, counted inside its page: JavaScript's heaps, buffers and textures on the GPU, decoded frames that are open.
import { readdirSync, readFileSync } from 'node:fs';
import type { Page, Worker } from 'playwright';

/** For the browser: heaps are measured when they are asked for, not some seconds later. */
export const countingArguments = ['--enable-blink-features=ForceEagerMeasureMemory'];

/** For the server: only an isolated page may ask what it holds. */
export const countingHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export interface Held {
  /** Of the page and its workers together, garbage left out. */
  readonly heapBytes: number;
  readonly gpuBytes: number;
  /** Decoded frames that are open, wherever they are. */
  readonly frames: number;
  /** Of all processes of the browser; pages that they share count by share, those of files (programs) not at all. */
  readonly residentBytes: number;
}

interface Counts {
  gpuBytes: number;
  frames: number;
}

interface Counted {
  counts?: Counts;
}

export interface Counting {
  /** Null once a worker that started after `again` has ended, as a decoder does: what it had counted is gone. */
  count(): Promise<Held | null>;
  /** Starts at no open frames, as between two drops. */
  again(): Promise<void>;
}

/** Counts in all workers that the page starts from now on. The page must have been opened with what is said above. */
export function countHeld(page: Page): Counting {
  const workers = new Set<Worker>();
  let former = new Set<Worker>();
  let lost = false;
  page.on('worker', (worker) => {
    workers.add(worker);
    worker.on('close', () => {
      workers.delete(worker);
      lost ||= !former.has(worker);
    });
    void worker.evaluate(count).catch(() => undefined);
  });
  // A worker that ends meanwhile holds nothing.
  const all = (read: () => Counts): Promise<readonly Counts[]> =>
    Promise.all([...workers].map((worker) => worker.evaluate(read).catch(() => ({ gpuBytes: 0, frames: 0 }))));
  return {
    async count() {
      const heap = await page.evaluate(heapBytes);
      const counts = await all(countsNow);
      if (lost) return null;
      return {
        heapBytes: heap,
        gpuBytes: counts.reduce((sum, one) => sum + one.gpuBytes, 0),
        frames: counts.reduce((sum, one) => sum + one.frames, 0),
        residentBytes: residentBytes(),
      };
    },
    async again() {
      former = new Set(workers);
      lost = false;
      await all(noFrames);
    },
  };
}

/** Runs in a worker: wraps what makes and what gives back. A frame that goes to another worker is open there. */
function count(): void {
  type Method = (this: unknown, ...given: unknown[]) => unknown;
  const counts: Counts = ((globalThis as unknown as Counted).counts = { gpuBytes: 0, frames: 0 });
  const wrap = (owner: object, name: string, wrapped: (former: Method) => Method): void => {
    Reflect.set(owner, name, wrapped(Reflect.get(owner, name) as Method));
  };
  const bytesOf = (made: GPUBuffer | GPUTexture): number =>
    made instanceof GPUBuffer ? made.size : 4 * made.width * made.height * made.depthOrArrayLayers;
  const hold = (made: GPUBuffer | GPUTexture): typeof made => {
    let held = bytesOf(made);
    counts.gpuBytes += held;
    wrap(made, 'destroy', (destroy) => () => {
      counts.gpuBytes -= held;
      held = 0;
      return destroy.call(made);
    });
    return made;
  };
  for (const name of ['createBuffer', 'createTexture'])
    wrap(
      GPUDevice.prototype,
      name,
      (create) =>
        function (...given) {
          return hold(create.apply(this, given) as GPUBuffer | GPUTexture);
        },
    );
  wrap(
    VideoFrame.prototype,
    'clone',
    (clone) =>
      function () {
        counts.frames++;
        return clone.call(this);
      },
  );
  wrap(
    VideoFrame.prototype,
    'close',
    (close) =>
      function () {
        // A frame that is closed has no size.
        if ((this as VideoFrame).codedWidth > 0) counts.frames--;
        return close.call(this);
      },
  );
  globalThis.VideoFrame = new Proxy(VideoFrame, {
    construct(made, given, as) {
      counts.frames++;
      return Reflect.construct(made, given, as) as object;
    },
  });
  globalThis.VideoDecoder = new Proxy(VideoDecoder, {
    construct(made, [{ output, error }]: [VideoDecoderInit], as) {
      const counted = (frame: VideoFrame): void => {
        counts.frames++;
        output(frame);
      };
      return Reflect.construct(made, [{ output: counted, error }], as) as object;
    },
  });
}

function countsNow(): Counts {
  return (globalThis as unknown as Required<Counted>).counts;
}

function noFrames(): Counts {
  const { counts } = globalThis as unknown as Required<Counted>;
  counts.frames = 0;
  return counts;
}

/** Of the page and its workers, after their garbage was collected. */
async function heapBytes(): Promise<number> {
  const measured = performance as unknown as { measureUserAgentSpecificMemory(): Promise<{ bytes: number }> };
  return (await measured.measureUserAgentSpecificMemory()).bytes;
}

function residentBytes(): number {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one)))
    try {
      const parent = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))![1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended meanwhile.
    }
  const under = (id: number): number[] => (children.get(id) ?? []).flatMap((child) => [child, ...under(child)]);
  return under(process.pid).reduce((sum, id) => sum + shareOf(id), 0);
}

function shareOf(id: number): number {
  try {
    const shares = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8').matchAll(/^Pss_(?:Anon|Shmem):\s+(\d+)/gm);
    return [...shares].reduce((sum, [, kibibytes]) => sum + 1024 * Number(kibibytes), 0);
  } catch {
    return 0;
  }
}
