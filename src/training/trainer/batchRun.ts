// Runs a program on staged batches: arrays are written, frames copied at the head of the run or piece by piece.
import type { Location } from '../../engine/device/bind';
import type { Program, Run } from '../../engine/device/program';
import { invariant } from '../../errors';
import type { Outputs, StagedBatch } from '../runtime';
import { StagedInputs, stagedPiece, type InputPlace } from './stagedInputs';

/** Says which batches of a step that takes several at once are there: 1 or 0 for each. */
export const PRESENT = 'present';

/** A batch's part of an input of one of the programs; null where none reads it. `batches` share each input. */
export function placeOf(name: string, programs: readonly (readonly [Program, number])[]): InputPlace | null {
  for (const [program, batches] of programs) {
    const input = program.plan.inputs.get(name);
    if (!input) continue;
    const half = program.plan.half(input.tensor);
    const { bytes } = program.input(name);
    return input.pieces > 1
      ? { bytes, half, pieces: input.pieces / batches }
      : { bytes: bytes / batches, half, pieces: 1 };
  }
  return null;
}

/**
 * Writes the arrays of the batches and says how to run the program on them; `together` batches lie one after the other
 * along the first axis of each input. For those that are missing the first stands in, and the input `present` tells.
 */
export function batchRun(program: Program, given: readonly StagedBatch[], together: number): Run {
  const batches = given.map((batch) => {
    invariant(batch instanceof StagedInputs && !batch.released, 'a batch is staged by its trainer and used once');
    return batch;
  });
  const at = (number: number): StagedInputs => batches[number] ?? batches[0]!;
  for (const [name, { tensor, pieces }] of program.plan.inputs) {
    if (name === PRESENT && together > 1) {
      program.write(
        name,
        Float32Array.from({ length: together }, (_, k) => (k < batches.length ? 1 : 0)),
      );
      continue;
    }
    if (pieces > 1) continue;
    const size = tensor.size / together;
    for (let number = 0; number < together; number++) {
      const data = at(number).arrays.get(name);
      if (data) program.write(name, data, number * size, size);
    }
  }
  return {
    start(encoder) {
      for (const [name, { pieces }] of program.plan.inputs) {
        if (pieces > 1) continue;
        const to = program.input(name);
        const bytes = to.bytes / together;
        for (let number = 0; number < together; number++) {
          const frames = at(number).staged.get(name);
          if (!frames) continue;
          const { buffer, offset } = stagedPiece(frames, 0);
          encoder.copyBufferToBuffer(buffer, offset, to.buffer, to.offset + number * bytes, Math.ceil(bytes / 4) * 4);
        }
      }
    },
    piece(name, piece): Location {
      const each = program.plan.inputs.get(name)!.pieces / together;
      const frames = at(Math.floor(piece / each)).staged.get(name);
      invariant(frames, `the batch holds no ${name}`);
      return stagedPiece(frames, piece % each);
    },
    batch: Object.fromEntries([...at(0).arrays].map(([name, data]) => [name, asHostValue(data)])),
  };
}

/** Reads all outputs of the last run. */
export async function readOutputs(program: Program): Promise<Outputs> {
  const names = [...program.plan.results.keys()];
  const values = await Promise.all(names.map((name) => program.read(name)));
  return Object.fromEntries(names.map((name, k) => [name, values[k]!]));
}

function asHostValue(data: Float32Array | Uint32Array | Int32Array): Float32Array | Uint32Array {
  return data instanceof Int32Array ? new Uint32Array(data.buffer, data.byteOffset, data.length) : data;
}
