// Writes the pickle of a state_dict as torch.save does: protocol 2, an OrderedDict of contiguous tensors.
import { UserError } from '../errors';
import { countOf, type Dtype } from './storedTensor';
import { storageClassOf } from './torchNames';

export interface TensorFacts {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
}

const proto = '\x80\x02';
const stop = '.';
const mark = '(';
const tuple = 't';
const emptyTuple = ')';
const reduce = 'R';
const setItems = 'u';
const persistent = 'Q';
const falsehood = '\x89';
const orderedDict = 'ccollections\nOrderedDict\n' + emptyTuple + reduce;

/**
 * The pickle of tensors in their order; tensor `i` has the storage `i`.
 * @throws UserError `pth-dtype` for types that torch has no storage for.
 */
export function pickleStateDict(tensors: readonly TensorFacts[]): Uint8Array<ArrayBuffer> {
  const entries = tensors.map((tensor, i) => text(tensor.name) + pickleTensor(tensor, i));
  return latin1(proto + orderedDict + mark + entries.join('') + setItems + stop);
}

function pickleTensor({ name, dtype, shape }: TensorFacts, key: number): string {
  const storage = storageClassOf(dtype);
  if (storage === undefined)
    throw new UserError('pth-dtype', `PyTorch's files cannot hold ${dtype}; save as .safetensors (${name})`, { dtype });
  const strides = shape.map((_, axis) => countOf(shape.slice(axis + 1)));
  const id = [text('storage'), `ctorch\n${storage}\n`, text(String(key)), text('cpu'), whole(countOf(shape))];
  const args = [mark, ...id, tuple, persistent, whole(0), wholes(shape), wholes(strides), falsehood, orderedDict];
  return ['ctorch._utils\n_rebuild_tensor_v2\n', mark, ...args, tuple, reduce].join('');
}

function wholes(values: readonly number[]): string {
  return mark + values.map(whole).join('') + tuple;
}

/** BININT1, BININT or LONG1. */
function whole(value: number): string {
  if (value < 256) return `K${String.fromCharCode(value)}`;
  if (value < 2 ** 31) return `J${littleEndian(BigInt(value), 4)}`;
  return `\x8a\x08${littleEndian(BigInt(value), 8)}`;
}

/** BINUNICODE, with its UTF-8 bytes as Latin-1 characters. */
function text(value: string): string {
  const bytes = new TextEncoder().encode(value);
  return `X${littleEndian(BigInt(bytes.length), 4)}${Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')}`;
}

function littleEndian(value: bigint, bytes: number): string {
  return Array.from({ length: bytes }, (_, i) => String.fromCharCode(Number((value >> BigInt(8 * i)) & 255n))).join('');
}

function latin1(characters: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}
