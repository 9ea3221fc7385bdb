// Which row goes with which column at the least total cost: Kuhn 1955 and Munkres 1957, by shortest augmenting paths.

export interface Assignment {
  /** Rows that got a column, ascending: as many as the smaller side has. */
  readonly rows: readonly number[];
  readonly columns: readonly number[];
}

/**
 * Pairs rows and columns one to one so that the costs' sum is least, in double precision; as
 * scipy.optimize.linear_sum_assignment. `cost` is row-major [rows, columns], finite. n² m steps for n ≤ m.
 */
export function linearAssignment(cost: Float64Array, rows: number, columns: number): Assignment {
  const turned = rows > columns;
  const [short, long] = turned ? [columns, rows] : [rows, columns];
  const at = (i: number, j: number): number => (turned ? cost[j * columns + i]! : cost[i * columns + j]!);
  const partner = assignShort(short, long, at);
  const pairs = partner.map((j, i): [number, number] => (turned ? [j, i] : [i, j])).sort((a, b) => a[0] - b[0]);
  return { rows: pairs.map(([row]) => row), columns: pairs.map(([, column]) => column) };
}

/** For each of `short` lines the place among `long` that it is assigned to. */
function assignShort(short: number, long: number, cost: (i: number, j: number) => number): number[] {
  const [shortPrice, longPrice] = [new Float64Array(short), new Float64Array(long)];
  /** The line that a place belongs to, −1 where it is free. */
  const owner = new Int32Array(long).fill(-1);
  const before = new Int32Array(long);
  for (let line = 0; line < short; line++) {
    const distance = new Float64Array(long).fill(Infinity);
    const settled = new Uint8Array(long);
    let [from, reached, base] = [line, -1, 0];
    while (reached < 0 || owner[reached]! >= 0) {
      let nearest = -1;
      for (let j = 0; j < long; j++) {
        if (settled[j] === 1) continue;
        const through = base + cost(from, j) - shortPrice[from]! - longPrice[j]!;
        if (through < distance[j]!) {
          distance[j] = through;
          before[j] = from;
        }
        // Of equally near places a free one ends the search sooner.
        const nearer = nearest < 0 || distance[j]! < distance[nearest]!;
        if (nearer || (distance[j] === distance[nearest] && owner[j]! < 0)) nearest = j;
      }
      reached = nearest;
      base = distance[reached]!;
      settled[reached] = 1;
      if (owner[reached]! >= 0) from = owner[reached]!;
    }
    shortPrice[line]! += base;
    for (let j = 0; j < long; j++) {
      if (settled[j] !== 1) continue;
      if (owner[j]! >= 0) shortPrice[owner[j]!]! += base - distance[j]!;
      longPrice[j]! -= base - distance[j]!;
    }
    // Every place on the way back goes to the line before it; that line's old place to the one before that.
    for (let place = reached; ;) {
      const next = before[place]!;
      const old = owner.indexOf(next);
      owner[place] = next;
      if (next === line) break;
      place = old;
    }
  }
  const partner = new Array<number>(short);
  owner.forEach((line, place) => {
    if (line >= 0) partner[line] = place;
  });
  return partner;
}
