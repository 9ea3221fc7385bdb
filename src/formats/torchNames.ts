// What the names in a torch.save pickle stand for: storages, tensors, dicts; harmless kinds are passed over, the rest refused.
import { UserError } from '../errors';
import { PickleGlobal, type PickleNames, type PickleValue } from './pickle';
import { brokenPickle } from './pickleBytes';
import { bytesPerElement, countOf, type Dtype } from './storedTensor';

/** A run of numbers in the file that tensors share. */
export interface TorchStorage {
  readonly key: string;
  readonly dtype: Dtype;
  /** Number of elements of the whole storage. */
  readonly count: number;
  /** Elements before the part that this view of it shows; only the legacy layout has such views. */
  readonly viewOffset: number;
}

/** A tensor as torch pickles it: a strided view of a storage. */
export class TorchTensor {
  readonly storage: TorchStorage;
  /** In elements, from the storage's start. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** In elements. */
  readonly strides: readonly number[];

  constructor(storage: TorchStorage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }
}

/** A tensor that cannot be used here, and why: it is passed over, and the rest of the file loads. */
export class OddTensor {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** A run of numbers of a kind that is not read; it takes its place in the file all the same. */
export class OddStorage {
  readonly key: string;
  readonly count: number;
  readonly elementBytes: number;
  readonly reason: string;

  constructor(key: string, count: number, elementBytes: number, reason: string) {
    this.key = key;
    this.count = count;
    this.elementBytes = elementBytes;
    this.reason = reason;
  }
}

const oddStorages: ReadonlyMap<string, readonly [elementBytes: number, reason: string]> = new Map([
  ['ComplexFloatStorage', [8, 'complex numbers']],
  ['ComplexDoubleStorage', [16, 'complex numbers']],
  ['ComplexHalfStorage', [4, 'complex numbers']],
  ['QInt8Storage', [1, 'quantised']],
  ['QUInt8Storage', [1, 'quantised']],
  ['QInt32Storage', [4, 'quantised']],
  ['QUInt4x2Storage', [1, 'quantised']],
  ['QUInt2x4Storage', [1, 'quantised']],
  ['Float8_e4m3fnStorage', [1, '8-bit floats']],
  ['Float8_e5m2Storage', [1, '8-bit floats']],
  // Bytes of which the tensor itself says the type.
  ['UntypedStorage', [1, 'no type']],
]);

const storageTypes = new Map<string, Dtype>([
  ['DoubleStorage', 'F64'],
  ['FloatStorage', 'F32'],
  ['HalfStorage', 'F16'],
  ['BFloat16Storage', 'BF16'],
  ['LongStorage', 'I64'],
  ['IntStorage', 'I32'],
  ['ShortStorage', 'I16'],
  ['CharStorage', 'I8'],
  ['ByteStorage', 'U8'],
  ['BoolStorage', 'BOOL'],
]);

/** Element types that torch has no storage class for. */
const newerTypes = new Map<string, Dtype>([
  ['torch.uint16', 'U16'],
  ['torch.uint32', 'U32'],
  ['torch.uint64', 'U64'],
]);

/** The name of the storage class of an element type, or undefined where torch has none. */
export function storageClassOf(dtype: Dtype): string | undefined {
  return [...storageTypes].find(([, type]) => type === dtype)?.[0];
}

/** Kinds that training scripts leave in checkpoints. Their contents are not looked at. */
const harmless = [
  /^argparse\.Namespace$/,
  /^(pathlib|datetime|omegaconf|addict|easydict|ml_collections|yacs|decimal|fractions|uuid)\./,
  /^(mmengine|mmcv)\..*(Config|ConfigDict|HistoryBuffer)$/,
  /^(pytorch_lightning|lightning|lightning_fabric|lightning_utilities)\./,
  /^numpy\.(core|_core)\.(multiarray\.(_reconstruct|scalar)|numeric\._frombuffer)$/,
  /^numpy\.(dtype|ndarray|float\d+|int\d+|uint\d+|bool_|bool|dtypes\.\w+|random\._?(pickle|mt19937|pcg64)\.\w+)$/,
  /^torch\.(device|Generator)$/,
  /^torch\.(optim|nn\.modules\.loss|amp|cuda\.amp)\./,
  /^(builtins|__builtin__)\.(complex|slice|range|bytearray|object|type|int|float|bool|str|bytes|long|unicode)$/,
  /^collections\.(deque|Counter)$/,
  /^(copy_reg|copyreg)\._reconstructor$/,
  /^_codecs\.encode$/,
  /^typing\./,
  /^enum\./,
];

/** Modules and functions by which a pickle runs programs, reads files or reaches for anything else. */
const dangerous =
  /^(os|posix|nt|sys|subprocess|shutil|socket|pty|runpy|importlib|ctypes|webbrowser|commands|code|pdb|timeit|operator|functools|marshal|pickle|cPickle|_pickle|http|urllib|requests|ftplib|multiprocessing|threading|asyncio|tempfile|io)(\.|$)|^(builtins|__builtin__)\.(eval|exec|execfile|compile|open|getattr|setattr|delattr|__import__|input|apply|vars|globals|locals|breakpoint)$|^torch\.(load|hub|jit|utils\.cpp_extension|ops|_C)(\.|$)|^numpy\.(load|fromfile|testing)/;

/** Names of element types and layouts, which tensors of newer kinds are made with. */
const plainNames =
  /^torch\.(strided|sparse_\w+|half|float|double|short|int|long|bool|bits\w+|(b?float|int|uint|complex|float8_)\w+)$/;

/** A value of a kind that is passed over. */
export class Opaque {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** The names of one pickle; collects what it passes over. */
export class TorchNames implements PickleNames {
  /** Kinds of Python objects whose contents were not looked at. */
  readonly passedOver = new Set<string>();
  /** The first of those that only its own program knows: where it is all that a file holds, that is what to say. */
  #unknown: string | null = null;
  /** All storages that were named, by key. */
  readonly storages = new Map<string, TorchStorage | OddStorage>();
  readonly #path: string;
  readonly #globals = new Map<string, PickleGlobal>();

  /** @param path only named in errors. */
  constructor(path: string) {
    this.#path = path;
  }

  global(name: string): PickleGlobal {
    const seen = this.#globals.get(name);
    if (seen) return seen;
    const found = this.#find(name);
    this.#globals.set(name, found);
    return found;
  }

  #find(name: string): PickleGlobal {
    const storage = /^torch\.(?:cuda\.|storage\.)?(\w+Storage)$/.exec(name)?.[1];
    if (storage !== undefined && (storageTypes.has(storage) || oddStorages.has(storage)))
      return new PickleGlobal(name, () => refuse('storage', name));
    const known = calls.get(name);
    if (known) return new PickleGlobal(name, known);
    if (plainNames.test(name)) return new PickleGlobal(name, () => new Opaque(name));
    if (harmless.some((pattern) => pattern.test(name))) {
      this.passedOver.add(name);
      return new PickleGlobal(name, () => new Opaque(name));
    }
    const shown = name.slice(0, 120);
    if (dangerous.test(name))
      throw new UserError(
        'pickle-dangerous',
        `Opened in Python, this file would call ${shown}, which no file of weights needs. Do not trust it. Nothing of it was run here (${this.#path})`,
        { name: shown, path: this.#path },
      );
    // A tensor of a kind that came after this was written.
    if (/^torch\._utils\._rebuild_/.test(name)) return new PickleGlobal(name, () => new OddTensor(shown));
    this.passedOver.add(shown);
    this.#unknown ??= shown;
    return new PickleGlobal(name, () => new Opaque(name));
  }

  /**
   * Refuses a file that holds nothing but what only its own program can read.
   * @throws UserError `pickle-refused`
   */
  refuseUnknown(): void {
    if (this.#unknown === null) return;
    throw new UserError(
      'pickle-refused',
      `This file holds a Python object of the kind ${this.#unknown}, which only its own program can read. Load it there and save the weights alone: torch.save(model.state_dict(), "weights.pth") (${this.#path})`,
      { name: this.#unknown, path: this.#path },
    );
  }

  /** ('storage', class, key, device, elements[, view]), torch's way to name a storage. */
  persistent(id: PickleValue): TorchStorage | OddStorage {
    if (!Array.isArray(id) || id[0] !== 'storage' || !(id[1] instanceof PickleGlobal))
      throw brokenPickle('a storage is not named as torch does it');
    const [, kind, key, , count, view] = id as [string, PickleGlobal, unknown, unknown, unknown, unknown];
    const type = /\w+$/.exec(kind.name)?.[0] ?? '';
    const dtype = storageTypes.get(type);
    const odd = oddStorages.get(type);
    if (odd && (typeof key === 'string' || typeof key === 'number') && isCount(count)) {
      const storage = new OddStorage(String(key), count, ...odd);
      this.storages.set(storage.key, storage);
      return storage;
    }
    if (dtype === undefined || (typeof key !== 'string' && typeof key !== 'number') || !isCount(count))
      throw brokenPickle('a storage is not named as torch does it');
    const viewOffset: unknown = Array.isArray(view) ? view[1] : 0;
    if (!isCount(viewOffset)) throw brokenPickle('a view of a storage begins nowhere');
    const known = this.storages.get(String(key));
    if (known && (known instanceof OddStorage || known.dtype !== dtype || known.count !== count))
      throw brokenPickle('a storage has two types or sizes');
    if (known?.viewOffset === viewOffset) return known;
    const storage = { key: String(key), dtype, count, viewOffset };
    this.storages.set(storage.key, storage);
    return storage;
  }
}

type Call = (args: readonly PickleValue[]) => PickleValue;

const firstArgument: Call = ([first]) => first;

const calls = new Map<string, Call>([
  ['collections.OrderedDict', ([pairs]) => dictOf(pairs)],
  ['collections.defaultdict', ([, pairs]) => dictOf(pairs)],
  ['builtins.dict', ([pairs]) => dictOf(pairs)],
  ['builtins.list', ([items]) => (Array.isArray(items) ? (items as PickleValue[]) : [])],
  ['builtins.set', ([items]) => items],
  ['__builtin__.set', ([items]) => items],
  ['builtins.frozenset', ([items]) => items],
  ['torch.Size', firstArgument],
  ['torch._utils._rebuild_tensor', tensorOf],
  ['torch._utils._rebuild_tensor_v2', tensorOf],
  ['torch._utils._rebuild_tensor_v3', typedTensorOf],
  ['torch._utils._rebuild_parameter', firstArgument],
  ['torch._utils._rebuild_parameter_with_state', firstArgument],
  ['torch.nn.parameter.Parameter', firstArgument],
  ...['sparse_tensor', 'sparse_csr_tensor', 'qtensor', 'nested_tensor', 'meta_tensor_no_storage'].map(
    (kind): [string, Call] => [
      `torch._utils._rebuild_${kind}`,
      () => new OddTensor(kind.startsWith('sparse') ? 'sparse' : kind === 'qtensor' ? 'quantised' : 'without values'),
    ],
  ),
  ['torch.serialization._get_layout', ([name]) => new Opaque(String(name))],
  // (function, class, arguments, attributes), for tensors that carry attributes.
  ['torch._tensor._rebuild_from_type_v2', ([rebuild, , args]) => again(rebuild, args)],
]);

function again(rebuild: PickleValue, args: PickleValue): PickleValue {
  if (!(rebuild instanceof PickleGlobal) || !Array.isArray(args))
    throw brokenPickle('a tensor is not made as torch does it');
  return rebuild.name.startsWith('torch._utils.')
    ? rebuild.call(args as readonly PickleValue[])
    : refuse('tensor', rebuild.name);
}

function dictOf(pairs: PickleValue): Map<PickleValue, PickleValue> {
  const dict = new Map<PickleValue, PickleValue>();
  if (pairs instanceof Map) for (const [key, value] of pairs) dict.set(key, value);
  else if (Array.isArray(pairs)) for (const pair of pairs) if (Array.isArray(pair)) dict.set(pair[0], pair[1]);
  return dict;
}

function tensorOf([storage, offset, shape, strides]: readonly PickleValue[]): TorchTensor | OddTensor {
  if (storage instanceof OddStorage) return new OddTensor(storage.reason);
  const whole = (value: PickleValue): value is number[] => Array.isArray(value) && value.every(isCount);
  if (!isStorage(storage) || !isCount(offset) || !whole(shape) || !whole(strides) || shape.length !== strides.length)
    throw brokenPickle('a tensor is not made as torch does it');
  const last = shape.reduce((sum, size, axis) => sum + (size - 1) * strides[axis]!, storage.viewOffset + offset);
  const count = countOf(shape);
  if (!Number.isSafeInteger(count) || shape.length > 64 || (count > 0 && last >= storage.count))
    throw brokenPickle('a tensor is larger than what is stored of it', { shape: shape.join(' x ') });
  // Its size is only claimed, and no weight is saved so.
  if (count > storage.count) return new OddTensor('repeats its values');
  return new TorchTensor(storage, storage.viewOffset + offset, shape, strides);
}

/** (storage, offset, shape, strides, gradient, hooks, type), for types that have no storage class of their own. */
function typedTensorOf([storage, offset, shape, strides, , , type]: readonly PickleValue[]): TorchTensor | OddTensor {
  const name = type instanceof PickleGlobal ? type.name : '';
  const dtype = newerTypes.get(name);
  if (!(storage instanceof OddStorage) || dtype === undefined)
    return new OddTensor(name === '' ? 'no type' : name.replace('torch.', ''));
  const count = Math.floor((storage.count * storage.elementBytes) / bytesPerElement(dtype));
  return tensorOf([{ key: storage.key, dtype, count, viewOffset: 0 }, offset, shape, strides]);
}

function isStorage(value: PickleValue): value is TorchStorage {
  return typeof value === 'object' && value !== null && 'viewOffset' in value;
}

function isCount(value: PickleValue): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function refuse(what: string, name: string): never {
  throw brokenPickle(`a ${what} is made by ${name}, as torch does not do it`);
}
