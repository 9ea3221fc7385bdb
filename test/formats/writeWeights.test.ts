// Weights written as .safetensors and .pth: every bit comes back, the bytes lie as torch lays them, streams end whole.
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors';
import { openWeights } from '../../src/formats/openWeights';
import { readSafetensors, writeSafetensors } from '../../src/formats/safetensors';
import { bytesOf, tensorOver, type Dtype, type StoredTensor } from '../../src/formats/storedTensor';
import { piecesToBlob, weightPieces, writePieces, type TensorToWrite } from '../../src/formats/writeWeights';
import { seededRandom } from '../../src/samples/seededRandom';

/** Random bits, NaNs with payload among them. */
function randomTensors(): Map<string, StoredTensor> {
  const random = seededRandom(5);
  const shapes: readonly [string, Dtype, number[], number][] = [
    ['blocks.0.weight', 'F32', [3, 5, 7], 4],
    ['bn.num_batches_tracked', 'I64', [], 8],
    ['half.weight', 'F16', [11], 2],
    ['brain.weight', 'BF16', [2, 3], 2],
    ['名字 "é"', 'BOOL', [3], 1],
    ['empty', 'F32', [0, 4], 4],
    ['wide', 'F64', [300], 8],
  ];
  return new Map(
    shapes.map(([name, dtype, shape, size]) => {
      const count = shape.reduce((product, length) => product * length, 1);
      const bytes = Uint8Array.from({ length: count * size }, () => Math.floor(random() * 256));
      return [name, tensorOver(dtype, shape, bytes)];
    }),
  );
}

const tensors = randomTensors();
const toWrite: TensorToWrite[] = [...tensors].map(([name, tensor]) => ({
  ...{ name, dtype: tensor.dtype, shape: tensor.shape },
  read: () => Promise.resolve(tensor),
}));

describe.each(['safetensors', 'pth'] as const)('%s', (format) => {
  it('gives back names, types, shapes and bits', async () => {
    const about = { task: 'pose', card: '{"names": ["跳远", "\\n"]}' };
    const blob = await piecesToBlob(weightPieces(format, toWrite, about));
    const source = await openWeights([{ path: 'x', blob }]);
    expect(source.metadata).toEqual(about);
    expect(source.tensors.map(({ name }) => name).sort()).toEqual([...tensors.keys()].sort());
    for (const one of source.tensors) {
      const back = await one.read();
      const { dtype, shape } = tensors.get(one.name)!;
      expect([back.dtype, back.shape]).toEqual([dtype, shape]);
      expect(bytesOf(back)).toEqual(bytesOf(tensors.get(one.name)!));
    }
  });

  it('writes equal bytes twice, to a stream and to a Blob', async () => {
    const written: Uint8Array[] = [];
    let closed = false;
    const stream = new WritableStream<Uint8Array<ArrayBuffer>>({
      write: (chunk) => void written.push(chunk.slice()),
      close: () => void (closed = true),
    });
    await writePieces(weightPieces(format, toWrite), stream);
    expect(closed).toBe(true);
    const blob = await piecesToBlob(weightPieces(format, toWrite));
    expect(Buffer.concat(written).equals(Buffer.from(await blob.arrayBuffer()))).toBe(true);
  });

  it('aborts the stream when a tensor cannot be read', async () => {
    const failing = [
      ...toWrite,
      { ...toWrite[0]!, name: 'z', read: () => Promise.reject(new UserError('gone', 'Gone.')) },
    ];
    let ended = '';
    const stream = new WritableStream<Uint8Array<ArrayBuffer>>({
      close: () => void (ended = 'closed'),
      abort: () => void (ended = 'aborted'),
    });
    await expect(writePieces(weightPieces(format, failing), stream)).rejects.toMatchObject({ code: 'gone' });
    expect(ended).toBe('aborted');
  });
});

it('streams the same .safetensors as is written at once', async () => {
  const blob = await piecesToBlob(weightPieces('safetensors', toWrite, { format: 'pt' }));
  const bytes = new Uint8Array(await blob.arrayBuffer());
  expect(bytes).toEqual(writeSafetensors(tensors, { format: 'pt' }));
  expect(readSafetensors(bytes).metadata).toEqual({ format: 'pt' });
});

it('lays every storage of a .pth at a multiple of 64 bytes', async () => {
  const blob = await piecesToBlob(weightPieces('pth', toWrite));
  const bytes = Buffer.from(await blob.arrayBuffer());
  let found = 0;
  for (let at = bytes.indexOf('PK\x03\x04'); at >= 0; at = bytes.indexOf('PK\x03\x04', at + 1)) {
    expect((at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28)) % 64).toBe(0);
    found++;
  }
  expect(found).toBe(tensors.size + 3);
});

it('says which types PyTorch files cannot hold', async () => {
  const odd = { name: 'a', dtype: 'F8_E4M3' as const, shape: [1], read: () => Promise.reject(new Error('unasked')) };
  await expect(piecesToBlob(weightPieces('pth', [odd]))).rejects.toMatchObject({ code: 'pth-dtype' });
});
