// Writes weights as .safetensors or .pth piece by piece: one tensor is in memory at a time.
import { layOut } from './safetensorsHeader';
import { bytesOf, type Dtype, type StoredTensor } from './storedTensor';
import { pickleStateDict } from './torchPickle';
import { ZipWriter } from './zipWriter';

export type ExportFormat = 'safetensors' | 'pth';

/** A tensor whose values are asked for when its place in the file comes. */
export interface TensorToWrite {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  read(): Promise<StoredTensor>;
}

type Chunks = AsyncGenerator<Uint8Array<ArrayBuffer>, void>;

/**
 * The pieces of a file in their order. Equal input gives equal bytes.
 * @param about a few words on the weights; only .safetensors has a place for them.
 * @throws UserError `pth-dtype` or `pth-too-large` for what a .pth cannot hold, and what `read` throws.
 */
export function weightChunks(
  format: ExportFormat,
  tensors: readonly TensorToWrite[],
  about: Readonly<Record<string, string>> = {},
): Chunks {
  return format === 'pth' ? pthChunks(tensors) : safetensorsChunks(tensors, about);
}

async function* safetensorsChunks(
  tensors: readonly TensorToWrite[],
  metadata: Readonly<Record<string, string>>,
): Chunks {
  const { header, entries } = layOut(tensors, metadata);
  yield header;
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  for (const { name } of entries.toSorted((a, b) => a.begin - b.begin)) yield bytesOf(await byName.get(name)!.read());
}

/** The layout of torch.save since 1.6, which torch.load(weights_only=True) reads. */
async function* pthChunks(tensors: readonly TensorToWrite[]): Chunks {
  const zip = new ZipWriter();
  const small = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  yield* zip.file('archive/data.pkl', pickleStateDict(tensors));
  yield* zip.file('archive/byteorder', small('little'));
  for (const [i, tensor] of tensors.entries()) yield* zip.file(`archive/data/${i}`, bytesOf(await tensor.read()));
  yield* zip.file('archive/version', small('3\n'));
  yield zip.end();
}

/** Writes all pieces to a stream and closes it; a failure aborts it, so that no half file is taken for a whole one. */
export async function writeChunks(chunks: Chunks, stream: WritableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
  const writer = stream.getWriter();
  try {
    for await (const chunk of chunks) await writer.write(chunk);
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => undefined);
    throw error;
  }
}

/** The file as a Blob, which the browser may keep on disk: its bytes do not stay in JavaScript's memory. */
export async function chunksToBlob(chunks: Chunks): Promise<Blob> {
  const parts: Blob[] = [];
  for await (const chunk of chunks) parts.push(new Blob([chunk]));
  return new Blob(parts, { type: 'application/octet-stream' });
}
