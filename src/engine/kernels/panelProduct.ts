// Products on CPUs with subgroups: a team of lanes holds a panel of one operand and walks over the other's rows.
//
// A CPU that plays the GPU reads buffers lane by lane, each with tests and branches of its own, but what an invocation
// keeps in an array it reads at known places as whole vectors, straight from the stack. So each lane holds four places
// of one operand for a run of terms; per row of the other operand the team reads that run once, each lane a part of it,
// and hands it round. Sums that go on with the next run wait in workgroup memory, whose reads are not checked.
import { add, code, constant, coordinates, guardConditions, scale, variable, type Index } from '../graph/indexing';
import type { Lowering } from './lowering';
import { sizeOf } from '../graph/tensor';
import type { KernelBuilder } from './builder';
import type { Call } from './call';
import { LANE, zero, type Lanes } from './lanes';
import { boundBy, OperandReader, type Inner, type Operand, type Position } from './operand';
import type { Panel } from './panels';
import { partsOf, sumChunks, type Product } from './productParts';

/** Lowers one product into one dispatch, or two where the inner axis is cut into chunks. */
export function lowerPanel(lowering: Lowering, name: string, product: Product, panel: Panel): Call[] {
  const { batch, rows, columns, inner } = product;
  const { terms, steps, walk, chunks } = panel;
  const lanes = lowering.target.subgroupSize;
  const heldLeft = panel.held === 'left';
  const [heldSize, walkedSize] = heldLeft ? [rows, columns] : [columns, rows];
  const panels = Math.ceil(heldSize / (4 * lanes));
  const strips = Math.ceil(walkedSize / walk);
  const builder = lowering.kernel(chunks > 1 ? `${name}_panel_chunks` : `${name}_panel`);
  builder.useSubgroups();
  builder.line(`let team = ix / ${lanes}u;`);
  builder.line(`let strip = team / ${panels}u % ${strips}u;`);
  builder.line(`let matrix = team / ${panels * strips}u;`);
  builder.line(chunks > 1 ? `let batch = matrix % ${batch}u;` : 'let batch = matrix;');
  const at = variable('batch', batch);
  const common = { batch: at, inner, terms, lanes };
  const [holding, walking] = heldLeft ? [product.left, product.right] : [product.right, product.left];
  const held = new HeldPanel(builder, holding, { ...common, size: heldSize });
  const walked = new WalkedRows(builder, walking, { ...common, size: walkedSize });
  const bound = builder.bound(walk);
  const end = walkedSize % walk === 0 ? bound : builder.let(`min(${bound}, ${walkedSize}u - strip * ${walk}u)`, 'end');
  const waiting = `sums[r * ${lanes}u + subgroup_lane]`;
  if (steps > 1) builder.declare(`var<workgroup> sums: array<vec4<f32>, ${walk * lanes}>;`);
  const eachRow = (body: (row: Index) => void): void => {
    builder.block(`for (var r = 0u; r < ${end}; r++)`, () => {
      builder.line(`let row = strip * ${walk}u + r;`);
      body(variable('row', walkedSize));
    });
  };

  const size = batch * rows * columns;
  const parts = chunks > 1 ? partsOf(lowering, product, chunks) : null;
  const store = (walkedAt: Index, value: string): void => {
    const { fours } = held;
    const together: Lanes = fours && !heldLeft ? 4 : 1;
    for (let k = 0; k < 4; k += together) {
      const heldAt = held.own(together === 4 ? variable(LANE, 4) : constant(k), k);
      const [row, column] = heldLeft ? [heldAt, walkedAt] : [walkedAt, heldAt];
      const flat = add(scale(add(scale(at, rows), row), columns), column);
      const { index, guards } = parts
        ? { index: add(scale(variable('chunk', chunks), size), flat), guards: [] }
        : product.place(at, row, column);
      const conditions = [...held.exists(k), ...guards.flatMap((guard) => guardConditions(guard))];
      builder.when(conditions, () => {
        const part = together === 4 ? value : builder.let(`${value}[${k}]`);
        if (parts) builder.write(parts.outputs, index, part, together);
        else builder.store([[product.output, part]], index, together);
      });
    }
  };
  const run = (step: Index): void => {
    held.fill(step);
    walked.enter(step);
    eachRow((row) => {
      const value = walked.read(row);
      builder.line(`var sum = ${steps > 1 ? waiting : zero(4)};`);
      for (let k = 0; k < terms; k++) builder.line(`sum = fma(vec4<f32>(${value(k)}), ${held.at(k)}, sum);`);
      if (steps > 1) builder.line(`${waiting} = sum;`);
      else store(row, 'sum');
    });
  };
  if (steps === 1) run(constant(0));
  else {
    const share = Math.ceil(steps / chunks);
    if (chunks > 1) builder.line(`let chunk = matrix / ${batch}u;`);
    const [first, last] =
      chunks > 1 ? [`chunk * ${share}u`, `min((chunk + 1u) * ${share}u, ${steps}u)`] : ['0u', builder.bound(steps, 1)];
    builder.block(`for (var step = ${first}; step < ${last}; step++)`, () => {
      run(variable('step', steps));
    });
    eachRow((row) => {
      store(row, builder.let(waiting));
    });
  }
  const flops = 2 * size * sizeOf(inner.taps) * inner.length;
  const call = builder.finish({ x: panels * strips * batch * chunks * lanes, size: [lanes, 1] }, flops);
  return parts ? [call, sumChunks(lowering, `${name}_sum`, product, parts)] : [call];
}

type InnerPlace = Omit<Position, 'batch' | 'own'>;

interface Side {
  /** Length of the operand's own axis. */
  readonly size: number;
  readonly batch: Index;
  readonly inner: Inner;
  readonly terms: number;
  readonly lanes: number;
}

/** Numbers of the places that a lane holds. */
const PLACES = [0, 1, 2, 3];

/**
 * The operand that is held: this lane's four places at each term of the run, an array for each of the four. To write
 * vectors at places known at run time would take a CPU's driver as long to translate as all multiply-adds of the run.
 */
class HeldPanel {
  /** Whether the four places are an aligned group. */
  readonly fours: boolean;
  readonly #builder: KernelBuilder;
  readonly #operand: Operand;
  readonly #side: Side;
  /** Whether the four places are read as one vector. */
  readonly #together: boolean;
  /** Number of the lane's group of four, or the names of its four places. */
  readonly #group: Index;
  readonly #places: readonly Index[];
  readonly #end: string;

  constructor(builder: KernelBuilder, operand: Operand, side: Side) {
    const { size, lanes, terms, inner, batch } = side;
    this.#builder = builder;
    this.#operand = operand;
    this.#side = side;
    this.fours = size % 4 === 0;
    const panels = Math.ceil(size / (4 * lanes));
    builder.line(`let place = team % ${panels}u * ${lanes}u + subgroup_lane;`);
    const count = Math.ceil(size / 4);
    if (panels * lanes > count) builder.line(`let group = min(place, ${count - 1}u);`);
    this.#group = variable(panels * lanes > count ? 'group' : 'place', count);
    // Places past the end repeat the last one and are never stored.
    this.#places = this.fours
      ? []
      : PLACES.map((k) =>
          variable(builder.let(`min(${code(scale(this.#group, 4))} + ${k}u, ${size - 1}u)`, 'own'), size),
        );
    this.#together = this.fours && new OperandReader(builder, operand, batch, inner).alongOwn(scale(this.#group, 4));
    for (const place of PLACES) builder.line(`var held${place}: array<f32, ${terms}>;`);
    this.#end = builder.bound(terms);
  }

  /** WGSL of the four places at term k of the run. */
  at(k: number): string {
    return `vec4<f32>(${PLACES.map((place) => `held${place}[${k}]`).join(', ')})`;
  }

  /** Place number k, or all four where `part` is the variable LANE. */
  own(part: Index, k: number): Index {
    return this.fours ? add(scale(this.#group, 4), part) : (this.#places[k] as Index);
  }

  /** Conditions under which place number k is no repeated one. */
  exists(k: number): string[] {
    const { size, lanes } = this.#side;
    if (size % (4 * lanes) === 0) return [];
    return [this.fours ? `place < ${size / 4}u` : `place * 4u + ${k}u < ${size}u`];
  }

  /** Reads the run of terms that starts at `step`. */
  fill(step: Index): void {
    const builder = this.#builder;
    const { terms, inner, batch } = this.#side;
    const count = sizeOf(inner.taps) * inner.length;
    builder.block(`for (var k = 0u; k < ${this.#end}; k++)`, () => {
      const wanted = builder.let(code(add(scale(step, terms), variable('k', terms))), 'wanted');
      const surplus = count % terms !== 0;
      const term = surplus ? builder.let(`min(${wanted}, ${count - 1}u)`, 'term') : wanted;
      const place = innerPlace(builder, inner, variable(term, count), 1);
      const read = (own: Index, lanes: Lanes): string =>
        readGuarded(builder, this.#operand, { batch, own, ...place }, lanes);
      const value = this.#together
        ? read(this.own(variable(LANE, 4), 0), 4)
        : `vec4<f32>(${PLACES.map((k) => read(this.own(constant(k), k), 1)).join(', ')})`;
      const four = builder.let(surplus ? `select(${zero(4)}, ${value}, ${wanted} < ${count}u)` : value, 'four');
      for (const place of PLACES) builder.line(`held${place}[k] = ${four}[${place}];`);
    });
  }
}

/** The operand that is walked: each lane reads a part of a row's run, and all get it from there. */
class WalkedRows {
  readonly #builder: KernelBuilder;
  readonly #operand: Operand;
  readonly #side: Side;
  readonly #group: Lanes;
  #parts: readonly InnerPlace[] = [];

  constructor(builder: KernelBuilder, operand: Operand, side: Side) {
    const { size, inner, batch } = side;
    this.#builder = builder;
    this.#operand = operand;
    this.#side = side;
    this.#group = new OperandReader(builder, operand, batch, inner).alongOffset(variable('row', size)) ? 4 : 1;
  }

  /** Finds this lane's parts of the run that starts at `step`; terms past the end repeat the last, times zeros. */
  enter(step: Index): void {
    const builder = this.#builder;
    const { terms, inner, lanes } = this.#side;
    const group = this.#group;
    const count = (sizeOf(inner.taps) * inner.length) / group;
    this.#parts = Array.from({ length: Math.ceil(terms / (group * lanes)) }, (_, part) => {
      const first = code(add(scale(step, terms / group), constant(part * lanes)));
      const term = builder.let(`min(${first} + subgroup_lane, ${count - 1}u)`, 'term');
      return innerPlace(builder, inner, variable(term, count), group);
    });
  }

  /** Reads a row's run; what it returns gives WGSL of one of its terms. */
  read(row: Index): (k: number) => string {
    const { lanes, batch } = this.#side;
    const group = this.#group;
    const values = this.#parts.map(({ taps, offset }) => {
      const along = group === 4 ? add(offset, variable(LANE, 4)) : offset;
      return readGuarded(this.#builder, this.#operand, { batch, own: row, taps, offset: along }, group);
    });
    return (k) => {
      const value = values[Math.floor(k / (group * lanes))] ?? '';
      const lane = Math.floor(k / group) % lanes;
      return `subgroupShuffle(${group === 4 ? `${value}[${k % 4}]` : value}, ${lane}u)`;
    };
  }
}

/** Taps and offset of a term of the flat inner axis, or of a group of four of its terms. */
function innerPlace(builder: KernelBuilder, { taps, length }: Inner, term: Index, group: Lanes): InnerPlace {
  const all = coordinates(term, [...taps, length / group]).map((one) => {
    const text = code(one);
    return /^\w+$/.test(text) ? one : variable(builder.let(text, 'inner'), one.maximum + 1);
  });
  return { taps: all.slice(0, -1), offset: scale(all[all.length - 1] as Index, group) };
}

/** The operand's value there, 0 where it has none. */
function readGuarded(builder: KernelBuilder, operand: Operand, position: Position, lanes: Lanes): string {
  const { index, guards } = operand.place(position);
  const conditions = guards.flatMap((guard) => guardConditions(guard));
  if (conditions.length === 0) return builder.load(operand.tensor, index, lanes);
  const value = builder.fresh('v');
  builder.line(`var ${value} = ${zero(lanes)};`);
  builder.block(`if (${conditions.join(' && ')})`, () => {
    const { index } = operand.place({ ...position, bound: boundBy(builder, guards) });
    builder.line(`${value} = ${builder.load(operand.tensor, index, lanes)};`);
  });
  return value;
}
