// Where the tensors of a planned program lie once its buffers are made.
import { Bug, invariant } from '../../errors';
import type { Tensor } from '../graph/tensor';
import { parameterOf, type PlannedProgram } from '../passes/plan';
import type { Location } from './bind';
import type { PagedBuffer } from './pagedBuffer';
import type { ParameterStore } from './parameterStore';

/** Buffers in which a program's tensors lie. */
export interface TensorMemory {
  readonly arenas: readonly GPUBuffer[];
  readonly parameters: ParameterStore;
  /** Gradients in the layout of the trained parameters; null for programs without. */
  readonly gradients: PagedBuffer | null;
  readonly inputs: GPUBuffer;
  readonly constants: GPUBuffer;
}

/** Finds the place of a tensor, in turn number `turn` of the loop whose body it belongs to. */
export type Locate = (tensor: Tensor, turn?: number) => Location;

/** Throws Bug for a tensor that no dispatch of the program uses. */
export function locator(plan: PlannedProgram, memory: TensorMemory): Locate {
  const inputOffsets = new Map([...plan.inputs.values()].map((one) => [one.tensor, one.offset]));
  const pieces = new Map(plan.loops.flatMap((loop) => [...loop.pieces]));
  const wholes = new Map(plan.loops.flatMap((loop) => [...loop.wholes]));
  const locate: Locate = (tensor, turn = 0) => {
    const bytes = tensor.size * (plan.half(tensor) ? 2 : 4);
    const place = plan.memory.places.get(tensor);
    if (place) return { buffer: memory.arenas[place.arena] as GPUBuffer, offset: place.offset, bytes };
    const whole = wholes.get(tensor);
    if (whole) return { ...locate(whole), bytes };
    const cut = pieces.get(tensor);
    if (cut) {
      const { buffer, offset } = locate(cut);
      // Of a stream one piece is there at a time.
      const streamed = inputOffsets.has(cut) && cut.node.op.name === 'stream';
      return { buffer, offset: offset + (streamed ? 0 : turn * bytes), bytes };
    }
    const gradient = plan.gradients.get(tensor);
    const parameter = gradient ?? plan.updatesInPlace.get(tensor) ?? parameterOf(tensor);
    if (parameter !== null) {
      const at = memory.parameters.layout.places.get(parameter);
      const values = gradient === undefined ? memory.parameters.values : memory.gradients;
      invariant(at && values, `no place for ${parameter}`);
      return values.at(at.offset, bytes);
    }
    const input = inputOffsets.get(tensor);
    if (input !== undefined) return { buffer: memory.inputs, offset: input, bytes };
    const constant = plan.constants.get(tensor);
    if (constant === undefined) throw new Bug(`no place for ${tensor.node.op.name} at ${tensor.node.path}`);
    return { buffer: memory.constants, offset: constant, bytes };
  };
  return locate;
}
