// Integer index algebra: where an element lives, as a sum of loop variables, quotients and remainders.
//
// Views (permute, slice, expand, reshape …) rewrite an index instead of moving data; the rules below undo
// the divisions that flat indices bring in, so that a contiguous read comes out as plain `i` again.
// All indices are non-negative; quotients are floors.

/** A loop variable with values 0 … size − 1. */
export interface Variable {
  readonly kind: 'variable';
  readonly name: string;
  readonly size: number;
}
interface Division {
  readonly kind: 'quotient' | 'remainder';
  readonly of: Index;
  readonly by: number;
}
type Atom = Variable | Division;
interface Term {
  readonly key: string;
  readonly atom: Atom;
  readonly factor: number;
}

/** A sum of `factor × atom` terms plus a constant; immutable, terms sorted by key. */
export class Index {
  readonly terms: readonly Term[];
  readonly constant: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly key: string;

  constructor(terms: readonly Term[], constant: number) {
    this.terms = terms;
    this.constant = constant;
    let minimum = constant;
    let maximum = constant;
    for (const { atom, factor } of terms) {
      const top = atomMaximum(atom) * factor;
      if (factor > 0) maximum += top;
      else minimum += top;
    }
    this.minimum = minimum;
    this.maximum = maximum;
    this.key = terms.map((term) => `${term.factor}*${term.key}`).join('+') + `+${constant}`;
  }
}

function atomMaximum(atom: Atom): number {
  if (atom.kind === 'variable') return atom.size - 1;
  if (atom.kind === 'remainder') return atom.by - 1;
  return Math.floor(atom.of.maximum / atom.by);
}

function term(atom: Atom, factor: number): Term {
  const key =
    atom.kind === 'variable' ? atom.name : `(${atom.of.key})${atom.kind === 'quotient' ? '/' : '%'}${atom.by}`;
  return { key, atom, factor };
}

/** The index that is always `value`. */
export function constant(value: number): Index {
  return new Index([], value);
}

/** A loop variable; a variable of size 1 is the constant 0. */
export function variable(name: string, size: number): Index {
  return size === 1 ? constant(0) : new Index([term({ kind: 'variable', name, size }, 1)], 0);
}

/** a + b. */
export function add(a: Index, b: Index): Index {
  return build([...a.terms, ...b.terms], a.constant + b.constant);
}

/** a × factor. */
export function scale(a: Index, factor: number): Index {
  if (factor === 0) return constant(0);
  if (factor === 1) return a;
  return new Index(
    a.terms.map((one) => ({ ...one, factor: one.factor * factor })),
    a.constant * factor,
  );
}

function build(terms: readonly Term[], offset: number): Index {
  const sums = new Map<string, Term>();
  for (const one of terms) {
    const factor = (sums.get(one.key)?.factor ?? 0) + one.factor;
    if (factor === 0) sums.delete(one.key);
    else sums.set(one.key, { ...one, factor });
  }
  // c·(x mod d) + c·d·⌊x/d⌋ = c·x
  for (const one of sums.values()) {
    if (one.atom.kind !== 'remainder') continue;
    const high = quotient(one.atom.of, one.atom.by);
    const [only] = high.terms;
    if (!only || high.terms.length !== 1 || high.constant !== 0 || only.factor !== 1) continue;
    if (sums.get(only.key)?.factor !== one.factor * one.atom.by) continue;
    sums.delete(one.key);
    sums.delete(only.key);
    return add(build([...sums.values()], offset), scale(one.atom.of, one.factor));
  }
  return new Index(
    [...sums.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
    offset,
  );
}

function gcd(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : gcd(b, a % b);
}

/** Splits a = multiple·n + rest by the terms' factors; the rest keeps a non-negative constant. */
function splitBy(a: Index, n: number): { multiple: Index; rest: Index } {
  const high = a.terms.filter((one) => one.factor % n === 0);
  const low = a.terms.filter((one) => one.factor % n !== 0);
  const whole = Math.floor(a.constant / n);
  return {
    multiple: new Index(
      high.map((one) => ({ ...one, factor: one.factor / n })),
      whole,
    ),
    rest: new Index(low, a.constant - whole * n),
  };
}

/** A divisor g of n such that the terms that g does not divide stay below g: they cannot carry. */
function carryFree(a: Index, n: number): { divisor: number; multiple: Index; rest: Index } | null {
  for (const one of a.terms) {
    const divisor = gcd(n, one.factor);
    if (divisor <= 1) continue;
    const { multiple, rest } = splitBy(a, divisor);
    if (rest.minimum >= 0 && rest.maximum < divisor) return { divisor, multiple, rest };
  }
  return null;
}

/** ⌊a / n⌋ for a ≥ 0. */
export function quotient(a: Index, n: number): Index {
  if (n === 1) return a;
  if (a.maximum < n && a.minimum >= 0) return constant(0);
  const { multiple, rest } = splitBy(a, n);
  if (rest.minimum >= 0) {
    if (rest.maximum < n) return multiple;
    if (multiple.terms.length > 0 || multiple.constant !== 0) return add(multiple, quotient(rest, n));
  }
  const free = carryFree(a, n);
  if (free) return quotient(free.multiple, n / free.divisor);
  const [only] = a.terms;
  if (only && a.terms.length === 1 && a.constant === 0 && only.factor === 1 && only.atom.kind !== 'variable') {
    if (only.atom.kind === 'quotient') return quotient(only.atom.of, only.atom.by * n);
    if (only.atom.by % n === 0) return remainder(quotient(only.atom.of, n), only.atom.by / n);
  }
  return new Index([term({ kind: 'quotient', of: a, by: n }, 1)], 0);
}

/** a mod n for a ≥ 0. */
export function remainder(a: Index, n: number): Index {
  if (n === 1) return constant(0);
  if (a.minimum >= 0 && a.maximum < n) return a;
  const { rest } = splitBy(a, n);
  const kept = rest.minimum >= 0 ? rest : a;
  if (kept.minimum >= 0 && kept.maximum < n) return kept;
  const free = carryFree(kept, n);
  if (free) return add(scale(remainder(free.multiple, n / free.divisor), free.divisor), free.rest);
  const [only] = kept.terms;
  if (only && kept.terms.length === 1 && kept.constant === 0 && only.factor === 1) {
    if (only.atom.kind === 'remainder' && only.atom.by % n === 0) return remainder(only.atom.of, n);
  }
  return new Index([term({ kind: 'remainder', of: kept, by: n }, 1)], 0);
}

/** Coordinates of flat position `flat` in a row-major tensor of this shape. */
export function coordinates(flat: Index, shape: readonly number[]): Index[] {
  const result: Index[] = [];
  let stride = shape.reduce((product, size) => product * size, 1);
  for (const size of shape) {
    stride /= size;
    result.push(size === 1 ? constant(0) : remainder(quotient(flat, stride), size));
  }
  return result;
}

/** Flat position of these coordinates in a row-major tensor of this shape. */
export function flatten(at: readonly Index[], shape: readonly number[]): Index {
  let flat = constant(0);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const coordinate = at[axis];
    if (coordinate) flat = add(flat, scale(coordinate, stride));
    stride *= shape[axis] ?? 1;
  }
  return flat;
}

/** Replaces the variable `name` everywhere. */
export function substitute(a: Index, name: string, by: Index): Index {
  let result = constant(a.constant);
  for (const { atom, factor } of a.terms) result = add(result, scale(substituteAtom(atom, name, by), factor));
  return result;
}

function substituteAtom(atom: Atom, name: string, by: Index): Index {
  if (atom.kind === 'variable') return atom.name === name ? by : new Index([term(atom, 1)], 0);
  const of = substitute(atom.of, name, by);
  return atom.kind === 'quotient' ? quotient(of, atom.by) : remainder(of, atom.by);
}

/** Whether the variable `name` occurs anywhere in `a`. */
export function mentions(a: Index, name: string): boolean {
  return a.terms.some(({ atom }) => (atom.kind === 'variable' ? atom.name === name : mentions(atom.of, name)));
}

/** The stride of `a` along the variable, or null when `a` is not linear in it. */
export function strideOf(a: Index, name: string): number | null {
  let stride = 0;
  for (const { atom, factor } of a.terms) {
    if (atom.kind === 'variable') {
      if (atom.name === name) stride = factor;
    } else if (mentions(atom.of, name)) return null;
  }
  return stride;
}

/** `a` without its direct term in the variable `name`. */
export function without(a: Index, name: string): Index {
  return new Index(
    a.terms.filter(({ atom }) => atom.kind !== 'variable' || atom.name !== name),
    a.constant,
  );
}

/** WGSL u32 expression. */
export function code(a: Index): string {
  const positive: string[] = [];
  const negative: string[] = [];
  for (const { atom, factor } of a.terms) {
    const size = Math.abs(factor);
    const text = atomCode(atom);
    (factor > 0 ? positive : negative).push(size === 1 ? text : `${text} * ${size}u`);
  }
  if (a.constant > 0 || positive.length === 0) positive.push(`${Math.max(a.constant, 0)}u`);
  if (a.constant < 0) negative.push(`${-a.constant}u`);
  const sum = positive.join(' + ');
  return negative.length > 0 ? `${sum} - ${negative.join(' - ')}` : sum;
}

function atomCode(atom: Atom): string {
  if (atom.kind === 'variable') return atom.name;
  const inner = code(atom.of);
  const bare = /^\w+$/.test(inner) ? inner : `(${inner})`;
  return `(${bare} ${atom.kind === 'quotient' ? '/' : '%'} ${atom.by}u)`;
}

/** A place counts only where low ≤ at < high; `at` is never negative. */
export interface Guard {
  readonly at: Index;
  readonly low: number;
  readonly high: number;
}

/** WGSL comparisons that a guard needs, given the bounds of what it looks at; `text` stands for that. */
export function guardConditions({ at, low, high }: Guard, text = code(at)): string[] {
  return [...(at.minimum < low ? [`${text} >= ${low}u`] : []), ...(at.maximum >= high ? [`${text} < ${high}u`] : [])];
}

/** Value of the index for given variables; for tests and for tables made on the CPU. */
export function evaluate(a: Index, values: Readonly<Record<string, number>>): number {
  let sum = a.constant;
  for (const { atom, factor } of a.terms) {
    if (atom.kind === 'variable') sum += factor * (values[atom.name] ?? 0);
    else {
      const inner = evaluate(atom.of, values);
      sum += factor * (atom.kind === 'quotient' ? Math.floor(inner / atom.by) : inner % atom.by);
    }
  }
  return sum;
}
