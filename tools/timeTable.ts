// What `npm test` says at its end: per lane, what took how long and came to what.

export interface Lane {
  readonly name: string;
  /** From the start of all to the end of its last part. */
  readonly seconds: number;
  readonly rows: readonly {
    readonly heading: string;
    readonly passed: number;
    readonly failed: number;
    readonly seconds: number;
  }[];
}

/** Lines of a table; lanes without parts are left out. */
export function timeTable(lanes: readonly Lane[], seconds: number): string[] {
  const run = lanes.filter(({ rows }) => rows.length > 0);
  const longest = Math.max(
    ...run.flatMap(({ name, rows }) => [name, ...rows.map(({ heading }) => `  ${heading}`)]).map((text) => text.length),
  );
  const line = (text: string, ...cells: readonly (string | number)[]): string =>
    text.padEnd(longest) + cells.map((cell) => String(cell).padStart(9)).join('');
  return [
    line('', 'seconds', 'passed', 'failed'),
    ...run.flatMap(({ name, seconds: all, rows }) => [
      line(name, all.toFixed(1)),
      ...rows.map((row) => line(`  ${row.heading}`, row.seconds.toFixed(1), row.passed, row.failed)),
    ]),
    line('together', seconds.toFixed(1)),
  ];
}
