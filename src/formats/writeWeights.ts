// Writes weights as .safetensors or .pth piece by piece: one tensor is in memory at a time.
import { layOut } from './safetensorsHeader';
import { bytesOf, type Dtype, type StoredTensor } from './storedTensor';
import { aboutName } from './pth';
import { pickleStateDict } from './torchPickle';
import { ZipWriter } from './zipWriter';

export type ExportFormat = 'safetensors' | 'pth';

/** A tensor whose values are asked for when its place in the file comes. */
export interface TensorToWrite {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** The same values as row-major bytes of another file, where there is one. */
  readonly stored?: Blob | null;
  read(): Promise<StoredTensor>;
}

/** Bytes, or a part of another file that need not come into memory. */
export type Piece = Uint8Array<ArrayBuffer> | Blob;
type Pieces = AsyncIterable<Piece>;

/** A tensor whose bytes come in pieces, row-major. */
export interface TensorInPieces {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  pieces(): Pieces;
}

/** A file that is still to be written: its size, and its pieces anew at each call. */
export interface FileInPieces {
  readonly bytes: number;
  pieces(): Pieces;
}

/**
 * The pieces of a file in their order. Equal input gives equal bytes.
 * @param about what the weights say of themselves: metadata of .safetensors, entries beside the pickle of .pth.
 * @throws UserError `pth-dtype` or `pth-too-large` for what a .pth cannot hold, and what `read` throws.
 */
export function weightPieces(
  format: ExportFormat,
  tensors: readonly TensorToWrite[],
  about: Readonly<Record<string, string>> = {},
): Pieces {
  if (format === 'pth') return pthPieces(tensors, about);
  const inPieces = tensors.map((tensor) => ({
    ...{ name: tensor.name, dtype: tensor.dtype, shape: tensor.shape },
    async *pieces() {
      yield tensor.stored ?? bytesOf(await tensor.read());
    },
  }));
  return safetensorsInPieces(inPieces, about).pieces();
}

/** A .safetensors file: its header, then the tensors' own pieces in the order of the layout. */
export function safetensorsInPieces(
  tensors: readonly TensorInPieces[],
  metadata: Readonly<Record<string, string>>,
): FileInPieces {
  const { header, entries, dataBytes } = layOut(tensors, metadata);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return {
    bytes: header.length + dataBytes,
    async *pieces() {
      yield header;
      for (const { name } of entries.toSorted((a, b) => a.begin - b.begin)) yield* byName.get(name)!.pieces();
    },
  };
}

/**
 * The layout of torch.save since 1.6, which torch.load(weights_only=True) reads. What the weights say of themselves lies
 * beside the pickle, where torch does not look: the state_dict has no key that a model would not know.
 */
async function* pthPieces(
  tensors: readonly TensorToWrite[],
  about: Readonly<Record<string, string>>,
): AsyncGenerator<Piece, void> {
  const zip = new ZipWriter();
  const small = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
  yield* zip.file('archive/data.pkl', pickleStateDict(tensors));
  yield* zip.file('archive/byteorder', small('little'));
  for (const [i, tensor] of tensors.entries())
    yield* zip.file(`archive/data/${i}`, bytesOf(await tensor.read()), tensor.stored);
  yield* zip.file('archive/version', small('3\n'));
  if (Object.keys(about).length > 0) yield* zip.file(`archive/${aboutName}`, small(JSON.stringify(about, null, 1)));
  yield zip.end();
}

/** Writes all pieces to a stream and closes it; a failure aborts it, so that no half file is taken for a whole one. */
export async function writePieces(pieces: Pieces, stream: WritableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
  const writer = stream.getWriter();
  try {
    for await (const piece of pieces)
      await writer.write(piece instanceof Blob ? new Uint8Array(await piece.arrayBuffer()) : piece);
    await writer.close();
  } catch (error) {
    await writer.abort(error).catch(() => undefined);
    throw error;
  }
}

/** The file as a Blob. Parts of other files stay where they are: only what is not stored yet takes memory. */
export async function piecesToBlob(pieces: Pieces): Promise<Blob> {
  const parts: Blob[] = [];
  for await (const piece of pieces) parts.push(piece instanceof Blob ? piece : new Blob([piece]));
  return new Blob(parts, { type: 'application/octet-stream' });
}
