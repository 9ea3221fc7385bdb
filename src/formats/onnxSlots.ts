// What an ONNX model takes and gives, read from its file without running it, however large its weights are.
// Fields by number: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (ModelProto, GraphProto, ValueInfoProto).
import { UserError } from '../errors';

/** An input or output; a size that may vary is -1 or the name it has. */
export interface OnnxSlot {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly (number | string)[];
}

export interface OnnxSlots {
  readonly inputs: readonly OnnxSlot[];
  readonly outputs: readonly OnnxSlot[];
}

const GRAPH = 7;
const [INITIALIZER, INPUT, OUTPUT] = [5, 11, 12];
const INITIALIZER_NAME = 8;
/** TensorProto.DataType. */
const types: Readonly<Record<number, string>> = { 1: 'float32', 2: 'uint8', 6: 'int32', 7: 'int64', 10: 'float16' };

/** A field of a message: where its content lies, or its number. */
interface Field {
  readonly number: number;
  readonly at: number;
  readonly end: number;
  readonly value: number;
}

/** @throws UserError `onnx-unreadable` for anything that is no ONNX model. */
export async function readOnnxSlots(blob: Blob, path: string): Promise<OnnxSlots> {
  try {
    const source = new Windows(blob);
    const graph = await only(source, { at: 0, end: blob.size }, GRAPH);
    const [inputs, outputs]: [OnnxSlot[], OnnxSlot[]] = [[], []];
    const weights = new Set<string>();
    for await (const field of fields(source, graph)) {
      if (field.number === INPUT) inputs.push(await slotOf(source, field));
      else if (field.number === OUTPUT) outputs.push(await slotOf(source, field));
      // Old models list their weights among the inputs.
      else if (field.number === INITIALIZER)
        weights.add(await text(source, await only(source, field, INITIALIZER_NAME)));
    }
    if (outputs.length === 0) throw new RangeError('it gives nothing');
    return { inputs: inputs.filter(({ name }) => !weights.has(name)), outputs };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const reason = cause.message;
    const message = `The model cannot be run here: ${reason}. Export it again as a plain ONNX model of opset 17 (${path})`;
    throw new UserError('onnx-unreadable', message, { path, reason }, { cause });
  }
}

async function slotOf(source: Windows, slot: Pick<Field, 'at' | 'end'>): Promise<OnnxSlot> {
  let name = '';
  let type = 'other';
  const shape: (number | string)[] = [];
  for await (const field of fields(source, slot)) {
    if (field.number === 1) name = await text(source, field);
    if (field.number !== 2) continue;
    for await (const tensor of fields(source, field)) {
      if (tensor.number !== 1) continue;
      for await (const part of fields(source, tensor)) {
        if (part.number === 1) type = types[part.value] ?? 'other';
        if (part.number !== 2) continue;
        for await (const size of fields(source, part)) shape.push(await sizeOf(source, size));
      }
    }
  }
  return { name, type, shape };
}

async function sizeOf(source: Windows, size: Field): Promise<number | string> {
  for await (const field of fields(source, size)) {
    if (field.number === 1) return field.value;
    if (field.number === 2) return await text(source, field);
  }
  return -1;
}

async function only(source: Windows, message: Pick<Field, 'at' | 'end'>, number: number): Promise<Field> {
  for await (const field of fields(source, message)) if (field.number === number) return field;
  throw new RangeError('it is no ONNX model');
}

async function text(source: Windows, { at, end }: Field): Promise<string> {
  if (end - at > 1e5) throw new RangeError('it is no ONNX model');
  return new TextDecoder().decode(await source.bytes(at, end));
}

/** Protocol buffers' fields of a message, one after the other; what they hold is not read. */
async function* fields(
  source: Windows,
  { at: start, end }: Pick<Field, 'at' | 'end'>,
): AsyncGenerator<Field, void, undefined> {
  let at = start;
  const number = async (): Promise<number> => {
    let value = 0;
    for (let shift = 0; shift < 63; shift += 7) {
      const byte = await source.byte(at++);
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
    throw new RangeError('it is no ONNX model');
  };
  while (at < end) {
    const tag = await number();
    const [field, wire] = [Math.floor(tag / 8), tag % 8];
    let value = 0;
    let length = 0;
    if (wire === 0) value = await number();
    else if (wire === 1) length = 8;
    else if (wire === 5) length = 4;
    else if (wire === 2) length = await number();
    if (field === 0 || (wire > 2 && wire !== 5) || at + length > end) throw new RangeError('it is no ONNX model');
    yield { number: field, at, end: at + length, value };
    at += length;
  }
}

const windowBytes = 1 << 16;

/** Bytes of a file by their place, a window of it in memory at a time. */
class Windows {
  readonly #blob: Blob;
  #start = 0;
  #held = new Uint8Array(0);

  constructor(blob: Blob) {
    this.#blob = blob;
  }

  async byte(at: number): Promise<number> {
    if (at < this.#start || at >= this.#start + this.#held.length) {
      if (at >= this.#blob.size) throw new RangeError('the file is cut off');
      this.#start = at;
      this.#held = new Uint8Array(await this.#blob.slice(at, at + windowBytes).arrayBuffer());
    }
    return this.#held[at - this.#start]!;
  }

  async bytes(at: number, end: number): Promise<Uint8Array> {
    return new Uint8Array(await this.#blob.slice(at, end).arrayBuffer());
  }
}
