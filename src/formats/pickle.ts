// Reads Python's pickle without running anything: values are built here, and whatever else a pickle names is looked up
// in a table of the caller's. Format: CPython's Lib/pickletools.py, protocols 0 to 5.
import { brokenPickle, PickleBytes } from './pickleBytes';

/** Dicts are Maps; lists, tuples and sets are arrays; bytes are Uint8Arrays; whole numbers beyond 2^53 are bigints. */
export type PickleValue = unknown;

/** What a pickle may call by name. Nothing of Python's is ever run: `call` is ours. */
export class PickleGlobal {
  readonly name: string;
  readonly call: (args: readonly PickleValue[]) => PickleValue;

  constructor(name: string, call: (args: readonly PickleValue[]) => PickleValue) {
    this.name = name;
    this.call = call;
  }
}

/** The names and storages that a pickle may refer to. */
export interface PickleNames {
  /** What `module.name` stands for. Throws UserError for what is refused. */
  global(name: string): PickleGlobal;
  /** The object outside of the pickle that an id stands for. */
  persistent(id: PickleValue): PickleValue;
}

/**
 * Reads the pickle that begins at `start`.
 * @returns its value and where it ends.
 * @throws UserError `pickle-broken`, `pickle-cut-off`, or what `names` throws.
 */
export function unpickle(bytes: Uint8Array, start: number, names: PickleNames): { value: PickleValue; end: number } {
  return new Unpickler(bytes, start, names).run();
}

/** Far more than torch writes at once, few enough to fit in memory. */
const mostOnStack = 1_000_000;
/** An empty Map takes as much memory as so many empty arrays. */
const mapCost = 4;
/** Python itself does not pickle what is nested more deeply. */
const mostMarks = 1000;
const notThere = 'it takes values that are not there';

class Unpickler {
  readonly #bytes: PickleBytes;
  readonly #names: PickleNames;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  /** Containers may be made from single bytes and take many more: a pickle of nothing else is not a file of weights. */
  #containersLeft: number;

  constructor(bytes: Uint8Array, start: number, names: PickleNames) {
    this.#bytes = new PickleBytes(bytes, start);
    this.#names = names;
    this.#containersLeft = 1000 + bytes.length / 4;
  }

  run(): { value: PickleValue; end: number } {
    for (;;) {
      const instruction = String.fromCharCode(this.#bytes.uint(1));
      if (instruction === '.') return { value: this.#pop(), end: this.#bytes.at };
      const literal = this.#bytes.literal(instruction);
      if (literal !== undefined) this.#push(literal);
      else if (!this.#arrange(instruction)) this.#build(instruction);
      if (this.#stack.length > mostOnStack) throw brokenPickle('it holds too many values at once');
    }
  }

  /** Instructions that only move values between stack and memo; false for any other. */
  #arrange(instruction: string): boolean {
    switch (instruction) {
      case '\x80': // PROTO
        this.#bytes.take(1);
        return true;
      case '\x95': // FRAME
        this.#bytes.take(8);
        return true;
      case '(':
        if (this.#marks.push(this.#stack.length) > mostMarks) throw brokenPickle('it is nested too deeply');
        return true;
      case '0':
      case 'b': // BUILD sets an object's attributes: nothing that we build has any.
        this.#pop();
        return true;
      case '1':
        this.#sinceMark();
        return true;
      case '2':
        this.#push(this.#top());
        return true;
      case 'q':
      case 'r':
      case 'p':
        this.#memo.set(this.#key(instruction), this.#top());
        return true;
      case '\x94': // MEMOIZE
        this.#memo.set(this.#memo.size, this.#top());
        return true;
      case 'h':
      case 'j':
      case 'g':
        this.#recall(this.#key(instruction));
        return true;
      default:
        return false;
    }
  }

  /** Instructions that make and fill containers, and those that name and call things. */
  #build(instruction: string): void {
    switch (instruction) {
      case ')':
      case ']':
      case '\x8f': // EMPTY_SET
        this.#pushContainer([]);
        break;
      case '}':
        this.#pushContainer(new Map<PickleValue, PickleValue>());
        break;
      case 't':
      case 'l':
      case '\x91': // FROZENSET
        this.#pushContainer(this.#sinceMark());
        break;
      case '\x85':
      case '\x86':
      case '\x87':
        this.#pushContainer(this.#popMany(instruction.charCodeAt(0) - 0x84));
        break;
      case 'd': {
        const pairs = this.#sinceMark();
        this.#pushContainer(new Map<PickleValue, PickleValue>());
        setAll(pairs, this.#top());
        break;
      }
      case 'a':
        append(this.#popMany(1), this.#top());
        break;
      case 'e':
      case '\x90': // ADDITEMS
        append(this.#sinceMark(), this.#top());
        break;
      case 's':
        setAll(this.#popMany(2), this.#top());
        break;
      case 'u':
        setAll(this.#sinceMark(), this.#top());
        break;
      case 'Q':
        this.#pushContainer(this.#names.persistent(this.#pop()));
        break;
      default:
        this.#callOrName(instruction);
    }
  }

  #callOrName(instruction: string): void {
    switch (instruction) {
      case 'c':
        this.#pushContainer(this.#global(this.#bytes.line(), this.#bytes.line()));
        break;
      case '\x93': {
        const [module, name] = this.#popMany(2);
        this.#pushContainer(this.#global(module, name));
        break;
      }
      case 'R':
      case '\x81': // NEWOBJ
        this.#call(this.#popMany(2));
        break;
      case '\x92': // NEWOBJ_EX: named arguments are not looked at.
        this.#call(this.#popMany(3));
        break;
      case 'o': {
        const [callee, ...args] = this.#sinceMark();
        this.#call([callee, args]);
        break;
      }
      case 'i':
        this.#call([this.#global(this.#bytes.line(), this.#bytes.line()), this.#sinceMark()]);
        break;
      default: {
        const code = instruction.charCodeAt(0);
        throw brokenPickle(`unknown instruction ${code} at byte ${this.#bytes.at - 1}`, { code });
      }
    }
  }

  #global(module: PickleValue, name: PickleValue): PickleGlobal {
    if (typeof module !== 'string' || typeof name !== 'string') throw brokenPickle('a name is not a text');
    return this.#names.global(`${module}.${name}`);
  }

  #call([callee, args]: readonly PickleValue[]): void {
    if (!(callee instanceof PickleGlobal) || !Array.isArray(args)) throw brokenPickle('it calls what cannot be called');
    this.#pushContainer(callee.call(args as readonly PickleValue[]));
  }

  #key(instruction: string): number {
    if (instruction === 'p' || instruction === 'g') return Number(this.#bytes.line());
    return this.#bytes.uint(instruction === 'q' || instruction === 'h' ? 1 : 4);
  }

  #recall(key: number): void {
    if (!this.#memo.has(key)) throw brokenPickle('it refers to a value that is not there');
    this.#push(this.#memo.get(key));
  }

  #push(value: PickleValue): void {
    this.#stack.push(value);
  }

  #pushContainer(made: PickleValue): void {
    this.#containersLeft -= made instanceof Map ? mapCost : 1;
    if (this.#containersLeft < 0) throw brokenPickle('it consists of nothing but containers');
    this.#push(made);
  }

  #pop(): PickleValue {
    return this.#popMany(1)[0];
  }

  #popMany(count: number): PickleValue[] {
    const from = this.#stack.length - count;
    if (from < (this.#marks.at(-1) ?? 0)) throw brokenPickle(notThere);
    return this.#stack.splice(from, count);
  }

  #sinceMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw brokenPickle(notThere);
    return this.#stack.splice(mark);
  }

  #top(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) throw brokenPickle(notThere);
    return this.#stack.at(-1);
  }
}

function append(values: readonly PickleValue[], into: PickleValue): void {
  // What is no list is one of Python's own kinds, of which we keep the name alone.
  if (Array.isArray(into)) for (const value of values) into.push(value);
}

function setAll(pairs: readonly PickleValue[], into: PickleValue): void {
  if (into instanceof Map) for (let i = 0; i + 1 < pairs.length; i += 2) into.set(pairs[i], pairs[i + 1]);
}
