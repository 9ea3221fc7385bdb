// A function over the pieces of an axis: forward without tape, backward piece by piece with the piece computed again.
//
// What lives between the two passes is what goes in and what comes out; activations are those of one piece. Kernels,
// their compilation and the memory of activations do not grow with the number of pieces.
import { ShapeError, streamOp, type StreamAttributes } from '../graph/graph';
import { loopOp, PIECE_ALIGNMENT, pieceOp, pieceShape, pieceText, type LoopAttributes } from '../graph/loop';
import type { Shape, Tensor } from '../graph/tensor';
import { stored } from './stored';
import { pad, reshape, slice } from './view';

/**
 * Cuts `inputs` into `count` pieces along their first axis, runs `body` on the pieces of each place, and joins what it
 * gives along the first axis again: [N, …] in, pieces [N / count, …] to the body, [count · n, …] out. The body may use
 * any tensor and parameter from outside; its gradients add up over the pieces. Only here may a stream be read.
 * @throws ShapeError where an input does not divide; Bug for a loop within a loop, or a normalisation in the body that
 * keeps running statistics of its own.
 */
export function chunked(
  inputs: readonly [Tensor, ...Tensor[]],
  count: number,
  body: (pieces: readonly Tensor[]) => readonly Tensor[],
): Tensor[] {
  const { graph } = inputs[0].node;
  const shapes = inputs.map(({ shape }): Shape => {
    const one = pieceShape(shape, count);
    if (!one) throw new ShapeError(pieceText(shape, count));
    return one;
  });
  const wholes = inputs.map((input, i) => whole(input, shapes[i]!, count));
  const before = graph.updates.size;
  const traced = graph.body((inner) => {
    const pieces = wholes.map(({ source, padded, dtype }, i) => {
      const shape = padded ?? shapes[i]!;
      const [leaf] = inner.insert(pieceOp, [], { shape, dtype }, source.node.path, null) as [Tensor];
      return leaf;
    });
    const given = pieces.map((leaf, i) => unpadded(leaf, shapes[i]!));
    const results = body(given).map((result) => ({ result: paddedPiece(result), shape: result.shape }));
    return { pieces, results };
  });
  if (graph.updates.size !== before) throw new ShapeError('running statistics cannot be kept over pieces');
  const { pieces, results } = traced.value;
  const { captured } = traced.graph;
  const attributes: LoopAttributes = {
    count,
    body: traced.graph,
    pieces,
    captured: [...captured.values()],
    results: results.map(({ result }) => result),
    sums: [],
    gradients: new Map(),
  };
  const outputs = graph.apply(
    loopOp,
    [...wholes.map(({ source }) => source), ...[...captured.keys()].map(stored)],
    attributes,
  );
  return results.map(({ shape }, i) => joined(outputs[i]!, shape, count));
}

interface Whole {
  /** Lies in memory by itself, with aligned pieces. */
  readonly source: Tensor;
  readonly dtype: Tensor['dtype'];
  /** Shape of a piece that had to be padded. */
  readonly padded: Shape | null;
}

function whole(input: Tensor, piece: Shape, count: number): Whole {
  const { dtype } = input;
  if ((input.node.op as unknown) === streamOp) {
    const { pieces, name } = input.node.attributes as StreamAttributes;
    if (pieces !== count) throw new ShapeError(`${name} comes in ${pieces} pieces and is read in ${count}`);
    return { source: input, dtype, padded: null };
  }
  const size = input.size / count;
  const spare = aligned(size) - size;
  if (spare === 0) return { source: stored(input), dtype, padded: null };
  const rows = pad(reshape(input, [count, size]), 1, 0, spare);
  return { source: stored(reshape(rows, [rows.size])), dtype, padded: [size + spare] };
}

function unpadded(leaf: Tensor, shape: Shape): Tensor {
  const size = shape.reduce((product, one) => product * one, 1);
  return leaf.size === size ? reshape(leaf, shape) : reshape(slice(leaf, 0, 0, size), shape);
}

function paddedPiece(result: Tensor): Tensor {
  const spare = aligned(result.size) - result.size;
  return spare === 0 ? result : pad(reshape(result, [result.size]), 0, 0, spare);
}

function joined(output: Tensor, piece: Shape, count: number): Tensor {
  const size = piece.reduce((product, one) => product * one, 1);
  const [first = 1, ...others] = piece;
  const rows = reshape(output, [count, output.size / count]);
  return reshape(slice(rows, 1, 0, size), [first * count, ...others]);
}

function aligned(size: number): number {
  return Math.ceil(size / PIECE_ALIGNMENT) * PIECE_ALIGNMENT;
}
