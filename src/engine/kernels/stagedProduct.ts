// Products on a GPU: a workgroup makes 64 × 64 outputs, and both operands pass through workgroup memory.
//
// 256 invocations hold 4 × 4 outputs each. Per step they bring 16 offsets of 64 rows and of 64 columns: every value is
// read once from memory and used 64 times. (After the tiling of Volkov and Demmel 2008, "Benchmarking GPUs to tune
// dense linear algebra".)
import { add, code, constant, guardConditions, scale, variable, type Index } from '../graph/indexing';
import type { Lowering } from '../graph/op';
import { sizeOf } from '../graph/tensor';
import type { KernelBuilder } from './builder';
import type { Call } from './call';
import { foldGroups } from './grid';
import { LANE, zero, type Lanes } from './lanes';
import { OperandReader } from './operand';
import { declareTaps, type Product } from './productParts';

const TILE = 64;
const STEP = 16;
const SIDE = 4;
const ACROSS = TILE / SIDE;
const INVOCATIONS = ACROSS * ACROSS;
const FEW_TILES = 16;
const LONG_SUM = 1024;

/** Whether the product fills such tiles well enough and the device has room for them. */
export function suitsStaging({ batch, rows, columns, inner }: Product, limits: StagingLimits): boolean {
  const terms = sizeOf(inner.taps) * inner.length;
  const room = 2 * TILE * STEP * 4 <= limits.workgroupStorageBytes && INVOCATIONS <= limits.invocationsPerWorkgroup;
  // A long sum for few tiles is cut into chunks elsewhere: these workgroups alone would leave most of a GPU idle.
  const tiles = batch * Math.ceil(rows / TILE) * Math.ceil(columns / TILE);
  const busy = tiles >= FEW_TILES || terms < LONG_SUM;
  return room && busy && rows >= TILE / 2 && columns >= TILE / 2 && terms >= 2 * STEP && inner.length >= STEP / 2;
}

interface StagingLimits {
  readonly workgroupStorageBytes: number;
  readonly invocationsPerWorkgroup: number;
}

/** Lowers one product into one dispatch. */
export function lowerStaged(lowering: Lowering, name: string, product: Product): Call {
  const { batch, rows, columns, inner } = product;
  const builder = lowering.kernel(`${name}_staged`);
  const tilesX = Math.ceil(columns / TILE);
  const tilesY = Math.ceil(rows / TILE);
  const workgroups = tilesX * tilesY * batch;
  const { x, y, group } = foldGroups(workgroups, lowering.target);
  // Surplus workgroups repeat the last one and store nothing: all must reach the barriers.
  const surplus = x * y > workgroups;
  builder.line(`let tile = ${surplus ? `min(${group}, ${workgroups - 1}u)` : group};`);
  builder.line(`let m0 = tile / ${tilesX}u % ${tilesY}u * ${TILE}u;`);
  builder.line(`let n0 = tile % ${tilesX}u * ${TILE}u;`);
  builder.line(`let batch = tile / ${tilesX * tilesY}u;`);
  builder.line(`let own_row = local.x / ${ACROSS}u * ${SIDE}u;`);
  builder.line(`let own_column = local.x % ${ACROSS}u * ${SIDE}u;`);
  const at = variable('batch', batch);
  const staged = (name: 'left' | 'right', size: number, origin: string): StagedOperand =>
    new StagedOperand(builder, name, new OperandReader(builder, product[name], at, inner), size, origin, inner.length);
  const left = staged('left', rows, 'm0');
  const right = staged('right', columns, 'n0');
  const sums = Array.from({ length: SIDE }, (_, r) => `sum${r}`);
  for (const sum of sums) builder.line(`var ${sum} = vec4<f32>(0.0);`);

  const offsets = (): void => {
    left.enterTap();
    right.enterTap();
    builder.block(`for (var start = 0u; start < ${inner.length}u; start += ${STEP}u)`, () => {
      left.bring();
      right.bring();
      builder.line('workgroupBarrier();');
      builder.block(`for (var k = 0u; k < ${STEP}u; k++)`, () => {
        const four = (tile: string, own: string): string =>
          builder.let(
            `vec4<f32>(${[0, 1, 2, 3].map((i) => `${tile}_tile[k * ${TILE}u + ${own} + ${i}u]`).join(', ')})`,
          );
        const [a, b] = [four('left', 'own_row'), four('right', 'own_column')];
        sums.forEach((sum, r) => {
          builder.line(`${sum} = fma(vec4<f32>(${a}[${r}]), ${b}, ${sum});`);
        });
      });
      builder.line('workgroupBarrier();');
    });
  };
  const steps = sizeOf(inner.taps);
  if (steps === 1) offsets();
  else {
    builder.block(`for (var tap = 0u; tap < ${steps}u; tap++)`, () => {
      declareTaps(builder, inner.taps);
      offsets();
    });
  }
  store(builder, product, sums, surplus ? `${group} < ${workgroups}u` : null);
  const flops = 2 * batch * rows * columns * steps * inner.length;
  return builder.finish({ x: x * INVOCATIONS, y, size: [INVOCATIONS, 1] }, flops);
}

/** One operand's way into workgroup memory: [offset][own], so that a step reads neighbours. */
class StagedOperand {
  readonly #builder: KernelBuilder;
  readonly #name: string;
  readonly #reader: OperandReader;
  readonly #length: number;
  readonly #along: 'offset' | 'own' | 'none';
  /** Number by which this invocation reads, and the place along `own` within the tile that it starts at. */
  readonly #held: number;
  readonly #own: string;

  constructor(
    builder: KernelBuilder,
    name: string,
    reader: OperandReader,
    size: number,
    origin: string,
    length: number,
  ) {
    this.#builder = builder;
    this.#name = name;
    this.#reader = reader;
    this.#length = length;
    builder.declare(`var<workgroup> ${name}_tile: array<f32, ${TILE * STEP}>;`);
    const tiles = Math.ceil(size / TILE);
    const exact = size % TILE === 0;
    const whole = scale(variable(`${name}_number`, tiles), TILE);
    if (tiles > 1) builder.line(`let ${name}_number = ${origin} / ${TILE}u;`);
    const group = variable(`${name}_group`, TILE / 4);
    const alongOwn = exact && reader.alongOwn(add(whole, scale(group, 4)));
    const alongOffset = !alongOwn && reader.alongOffset(variable(`${name}_own`, size));
    this.#along = alongOwn ? 'own' : alongOffset ? 'offset' : 'none';
    if (this.#along === 'own') {
      // 16 groups of four neighbours times 16 offsets: one group per invocation.
      builder.line(`let ${name}_group = local.x % ${TILE / 4}u;`);
      this.#held = reader.hold(add(add(whole, scale(group, 4)), variable(LANE, 4)));
      this.#own = `${name}_group * 4u`;
      return;
    }
    // 64 neighbours times 4 groups of four offsets.
    builder.line(`let ${name}_place = local.x / 4u;`);
    builder.line(`let ${name}_own = min(${origin} + ${name}_place, ${size - 1}u);`);
    this.#held = reader.hold(variable(`${name}_own`, size));
    this.#own = `${name}_place`;
  }

  enterTap(): void {
    this.#reader.enterTap();
  }

  /** Copies the offsets from `start` on into workgroup memory. */
  bring(): void {
    const builder = this.#builder;
    const length = this.#length;
    const exact = length % STEP === 0;
    const own = this.#own;
    const tile = `${this.#name}_tile`;
    // Groups of four stay visible to the index algebra as multiples of the step.
    if (length > STEP) builder.line(`let ${this.#name}_step = start / ${STEP}u;`);
    const first = scale(variable(`${this.#name}_step`, Math.ceil(length / STEP)), STEP);
    if (this.#along === 'own') {
      builder.line(`let ${this.#name}_k = local.x / ${TILE / 4}u;`);
      const k = add(first, variable(`${this.#name}_k`, STEP));
      const value = this.#inside(k, exact, (offset) => this.#reader.read(this.#held, offset, 4), 4);
      for (let i = 0; i < 4; i++)
        builder.line(`${tile}[${this.#name}_k * ${TILE}u + ${own} + ${i}u] = ${value}[${i}];`);
      return;
    }
    builder.line(`let ${this.#name}_k = local.x % 4u;`);
    const group = add(first, scale(variable(`${this.#name}_k`, STEP / 4), 4));
    if (this.#along === 'offset') {
      const value = this.#inside(
        group,
        exact,
        (offset) => this.#reader.read(this.#held, add(offset, variable(LANE, 4)), 4),
        4,
      );
      for (let i = 0; i < 4; i++)
        builder.line(`${tile}[(${this.#name}_k * 4u + ${i}u) * ${TILE}u + ${own}] = ${value}[${i}];`);
      return;
    }
    for (let i = 0; i < 4; i++) {
      const value = this.#inside(
        add(group, constant(i)),
        exact,
        (offset) => this.#reader.read(this.#held, offset, 1),
        1,
      );
      builder.line(`${tile}[(${this.#name}_k * 4u + ${i}u) * ${TILE}u + ${own}] = ${value};`);
    }
  }

  /** The value at an offset, 0 beyond the end. */
  #inside(offset: Index, exact: boolean, read: (offset: Index) => string, lanes: Lanes): string {
    if (exact) return read(offset);
    const builder = this.#builder;
    const wanted = builder.let(code(offset), 'offset');
    // Vector reads go in groups of four, which never straddle the end: their length is a multiple of four.
    const four = this.#along === 'offset' ? 4 : 1;
    const last = (this.#length - four) / four;
    const kept = builder.let(`min(${wanted} / ${four}u, ${last}u)`, 'kept');
    const value = read(scale(variable(kept, last + 1), four));
    return builder.let(`select(${zero(lanes)}, ${value}, ${wanted} < ${this.#length}u)`);
  }
}

/** Writes an invocation's 4 × 4 outputs where they exist. */
function store(builder: KernelBuilder, product: Product, sums: readonly string[], inside: string | null): void {
  const { rows, columns, output } = product;
  const at = variable('batch', product.batch);
  const lanes = columns % 4 === 0 ? 4 : 1;
  builder.line(`let column_group = n0 / 4u + local.x % ${ACROSS}u;`);
  sums.forEach((sum, r) => {
    const row = builder.let(`m0 + own_row + ${r}u`, 'row');
    for (let c = 0; c < SIDE; c += lanes) {
      const four = scale(variable('column_group', Math.ceil(columns / 4)), 4);
      const column = add(four, lanes === 4 ? variable(LANE, 4) : constant(c));
      const { index, guards } = product.place(at, variable(row, rows), column);
      const conditions = [
        ...(inside === null ? [] : [inside]),
        ...(rows % TILE === 0 ? [] : [`${row} < ${rows}u`]),
        ...(columns % TILE === 0 ? [] : [`${code(add(four, constant(c)))} < ${columns}u`]),
        ...guards.flatMap((guard) => guardConditions(guard)),
      ];
      const put = (): void => builder.store([[output, lanes === 4 ? sum : `${sum}[${c}]`]], index, lanes);
      if (conditions.length > 0) builder.block(`if (${conditions.join(' && ')})`, put);
      else put();
    }
  });
}
