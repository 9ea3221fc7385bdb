// Places every temporary tensor in a few arenas by its life span, before anything is allocated.
//
// WebGPU forbids one dispatch to bind a buffer both read-only and writable, even on disjoint ranges. Temporaries
// therefore live in several arenas, and a tensor that a dispatch writes avoids the arenas that the dispatch only
// reads; where that is impossible the reads are bound writable too, which is allowed on disjoint ranges. A result that
// is made from what ends there, place by place, takes its memory over.
import { UserError } from '../../errors';
import type { Call } from '../kernels/call';
import type { Target } from '../kernels/target';
import type { Shape, Tensor } from '../graph/tensor';

/** Bindings start at multiples of this many bytes (minStorageBufferOffsetAlignment's default). */
export const ALIGNMENT = 256;

export interface Place {
  readonly arena: number;
  readonly offset: number;
  readonly bytes: number;
}

export interface MemoryPlan {
  readonly places: ReadonlyMap<Tensor, Place>;
  readonly arenaBytes: readonly number[];
  /** Largest sum of bytes that are alive during one dispatch: no plan can need less. */
  readonly floorBytes: number;
  /** Number of that dispatch. */
  readonly busiest: number;
  readonly lives: readonly Life[];
}

/** When a tensor is alive: numbers of the dispatches that first and last touch it. */
export interface Span {
  readonly tensor: Tensor;
  readonly first: number;
  last: number;
}

/** A piece of memory that one tensor holds, or several one after the other, each made in place of the one before. */
export interface Life {
  readonly bytes: number;
  readonly spans: Span[];
  readonly first: number;
  last: number;
}

/** What of memory's use the calls alone do not say. */
export interface Touches {
  /** The tensor of which one in a loop's body is a piece, or which it stands for; else the tensor itself. */
  readonly whole?: (tensor: Tensor) => Tensor;
  /** Numbers of the first and last dispatch that a binding of dispatch `at` reaches over: a whole loop, for what outlives a turn. */
  readonly extent?: (tensor: Tensor, at: number) => readonly [number, number];
  /** Further uses, at the time of a dispatch. */
  readonly touched?: readonly { readonly tensor: Tensor; readonly at: number }[];
}

/** For so many dispatches memory rests. */
const REST = 2;

export function bytesOf(tensor: Pick<Tensor, 'size'>, half = false): number {
  return Math.ceil((tensor.size * (half ? 2 : 4)) / ALIGNMENT) * ALIGNMENT;
}

/**
 * Plans all tensors bound by `calls` except those that `fixed` says lie elsewhere. Calls of a loop's body stand there
 * once. `results` stay alive to the end. Throws UserError when one tensor exceeds the device's binding limit.
 */
export function planMemory(
  calls: readonly Call[],
  fixed: (tensor: Tensor) => boolean,
  results: ReadonlySet<Tensor>,
  half: (tensor: Tensor) => boolean,
  target: Target,
  { whole = (tensor) => tensor, extent = (_, at) => [at, at], touched = [] }: Touches = {},
  preferredArenas = 3,
): MemoryPlan {
  const lives = lifeSpans(calls, fixed, results, half, { whole, extent, touched });
  const avoid = conflicts(calls, lives, whole);
  for (const { spans, bytes } of lives) {
    const { node, shape } = (spans[0] as Span).tensor;
    refuseTooLarge({ path: node.path || node.op.name, shape, bytes }, target.storageBindingBytes);
  }
  const placed = Array.from({ length: preferredArenas }, () => new Timeline(calls.length));
  const arenaBytes = Array<number>(preferredArenas).fill(0);
  const places = new Map<Life, Place>();
  // Large first: small tensors then fill the gaps.
  const order = [...lives].sort((a, b) => b.bytes - a.bytes || a.first - b.first);
  for (const life of order) {
    let best: { arena: number; offset: number; growth: number; clash: number } | null = null;
    for (const rest of [REST, 0]) {
      const around = { first: Math.max(0, life.first - rest), last: Math.min(calls.length, life.last + rest) };
      for (let arena = 0; arena < placed.length; arena++) {
        const offset = firstFit((placed[arena] as Timeline).alive(around), life);
        if (offset + life.bytes > target.bufferBytes) continue;
        const growth = Math.max(0, offset + life.bytes - (arenaBytes[arena] ?? 0));
        const clash = (avoid.get(life) ?? []).filter((other) => places.get(other)?.arena === arena).length;
        if (!best || growth < best.growth || (growth === best.growth && clash < best.clash))
          best = { arena, offset, growth, clash };
      }
      if (best?.growth === 0 && best.clash === 0) break;
    }
    if (!best) {
      best = { arena: placed.length, offset: 0, growth: life.bytes, clash: 0 };
      placed.push(new Timeline(calls.length));
      arenaBytes.push(0);
    }
    const { arena, offset } = best;
    const place = { arena, offset, bytes: life.bytes };
    places.set(life, place);
    placed[arena]?.add({ first: life.first, last: life.last, ...place });
    arenaBytes[arena] = Math.max(arenaBytes[arena] ?? 0, offset + life.bytes);
  }
  const ofTensors = lives.flatMap((life) =>
    life.spans.map(({ tensor }) => [tensor, places.get(life) as Place] as const),
  );
  return { places: new Map(ofTensors), arenaBytes, ...peak(lives, calls.length), lives };
}

function lifeSpans(
  calls: readonly Call[],
  fixed: (tensor: Tensor) => boolean,
  results: ReadonlySet<Tensor>,
  half: (tensor: Tensor) => boolean,
  { whole, extent, touched }: Required<Touches>,
): Life[] {
  const spans = new Map<Tensor, Span>();
  const touch = (tensor: Tensor, [first, last]: readonly [number, number]): void => {
    if (fixed(tensor)) return;
    const span = spans.get(tensor);
    spans.set(tensor, {
      tensor,
      first: Math.min(first, span?.first ?? first),
      last: Math.max(last, span?.last ?? last),
    });
  };
  calls.forEach((call, at) => {
    for (const { tensor } of call.bindings) touch(whole(tensor), extent(tensor, at));
  });
  for (const { tensor, at } of touched) touch(tensor, [at, at]);
  for (const result of results) {
    const span = spans.get(result);
    if (span) span.last = calls.length;
  }
  const lives = new Map(
    [...spans].map(([tensor, span]): [Tensor, Life] => [
      tensor,
      { bytes: bytesOf(tensor, half(tensor)), spans: [span], first: span.first, last: span.last },
    ]),
  );
  calls.forEach((call, at) => takeOver(call, at, lives));
  return [...new Set(lives.values())];
}

/** Lets what a dispatch makes in place of something that ends there take its memory over. */
function takeOver({ bindings, inPlace }: Call, at: number, lives: Map<Tensor, Life>): void {
  for (const { read, written } of inPlace) {
    const [from, to] = [bindings[read], bindings[written]].map((binding) => binding && lives.get(binding.tensor));
    if (!from || !to || from === to || from.last !== at || to.first !== at) continue;
    (from.spans[from.spans.length - 1] as Span).last = at - 1;
    from.spans.push(...to.spans);
    from.last = to.last;
    for (const { tensor } of to.spans) lives.set(tensor, from);
  }
}

/** For each life those that some dispatch binds with the other access. */
function conflicts(
  calls: readonly Call[],
  lives: readonly Life[],
  whole: (tensor: Tensor) => Tensor,
): Map<Life, Life[]> {
  const lifeOf = new Map(lives.flatMap((life) => life.spans.map(({ tensor }) => [tensor, life] as const)));
  const result = new Map<Life, Life[]>();
  for (const { bindings } of calls) {
    for (const one of bindings) {
      for (const other of bindings) {
        if (one.written === other.written) continue;
        const [a, b] = [lifeOf.get(whole(one.tensor)), lifeOf.get(whole(other.tensor))];
        if (!a || !b || a === b) continue;
        const list = result.get(a);
        if (list) list.push(b);
        else result.set(a, [b]);
      }
    }
  }
  return result;
}

type Extent = Pick<Life, 'first' | 'last'>;

interface Placed extends Extent, Place {
  /** Number of the last search that found it: many slots hold the same tensor. */
  search: number;
}

/** What lies in one arena, found by time: most tensors live for a moment only. */
class Timeline {
  readonly #slots: Placed[][];
  #searches = 0;

  constructor(calls: number) {
    this.#slots = Array.from({ length: slotOf(calls) + 1 }, () => []);
  }

  add(one: Extent & Place): void {
    const placed = { ...one, search: 0 };
    for (let slot = slotOf(one.first); slot <= slotOf(one.last); slot++) this.#slots[slot]?.push(placed);
  }

  /** Those that are alive at some time of `life`, by offset. */
  alive(life: Extent): readonly Place[] {
    const search = ++this.#searches;
    const found: Placed[] = [];
    for (let slot = slotOf(life.first); slot <= slotOf(life.last); slot++) {
      for (const other of this.#slots[slot] as Placed[]) {
        if (other.search === search || other.last < life.first || other.first > life.last) continue;
        other.search = search;
        found.push(other);
      }
    }
    return found.sort((a, b) => a.offset - b.offset);
  }
}

/** Dispatches per slot of a timeline. */
const SLOT = 16;

function slotOf(at: number): number {
  return Math.floor(at / SLOT);
}

/** Lowest offset at which `life` fits between those that are alive with it, sorted by offset. */
function firstFit(alive: readonly Place[], { bytes }: Life): number {
  let offset = 0;
  for (const other of alive) {
    if (other.offset >= offset + bytes) break;
    offset = Math.max(offset, other.offset + other.bytes);
  }
  return offset;
}

/** The dispatch at which most bytes are alive, and how many. */
function peak(lives: readonly Life[], calls: number): { floorBytes: number; busiest: number } {
  const change = new Float64Array(calls + 2);
  for (const { first, last, bytes } of lives) {
    change[first] = (change[first] ?? 0) + bytes;
    change[last + 1] = (change[last + 1] ?? 0) - bytes;
  }
  let [sum, floorBytes, busiest] = [0, 0, 0];
  for (let at = 0; at < calls; at++) {
    sum += change[at] ?? 0;
    if (sum > floorBytes) [floorBytes, busiest] = [sum, at];
  }
  return { floorBytes, busiest };
}

/** Throws UserError `tensor-too-large` for what no binding of the device can hold. */
export function refuseTooLarge(
  { path, shape, bytes }: { readonly path: string; readonly shape: Shape; readonly bytes: number },
  limit: number,
): void {
  if (bytes <= limit) return;
  throw new UserError(
    'tensor-too-large',
    `${path}: a tensor of shape [${shape.join(', ')}] needs ${bytes} bytes, and this device binds at most ${limit}; use a smaller batch or fewer frames.`,
    { path, bytes, limit },
  );
}
