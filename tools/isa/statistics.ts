// Reads what Mesa's RADV prints of each kernel (RADV_DEBUG=shaders,shaderstats): registers, waves, the hot loop's mix.

/** What the driver says of one kernel on one GPU. */
export interface KernelStatistics {
  /** Vector registers of an invocation, and how many of them went to memory. */
  readonly registers: number;
  readonly spilled: number;
  readonly scratchBytes: number;
  readonly sharedBytes: number;
  /** Subgroups that a SIMD unit holds at a time. */
  readonly waves: number;
  readonly instructions: number;
  /** The compiler's estimate for one subgroup, with loop counts that it guesses. */
  readonly inverseThroughput: number;
  /** The innermost loop with the most multiply-adds, else the whole kernel. */
  readonly hot: Mix;
}

export interface Mix {
  /** Lines of the loop's code, hints to the scheduler included. */
  readonly instructions: number;
  /** Fused multiply-adds, those of pairs that issue together counted one by one. */
  readonly multiplyAdds: number;
  readonly sharedLoads: number;
  readonly sharedStores: number;
  readonly loads: number;
  readonly stores: number;
  readonly scalar: number;
}

const BEGIN = /^@@@ (\w+)$/;
const END = '@@@ end';

/** What `compile.ts` prints around a kernel's compilation. */
export function markers(key: string): { begin: string; end: string } {
  return { begin: `\n@@@ ${key}\n`, end: `\n${END}\n` };
}

/** Statistics by kernel from the driver's output; kernels of which it said nothing are left out. */
export function readStatistics(output: string): Map<string, KernelStatistics> {
  const all = new Map<string, KernelStatistics>();
  let key: string | null = null;
  let lines: string[] = [];
  for (const line of output.split('\n')) {
    const begun = BEGIN.exec(line);
    if (line === END && key !== null) {
      const found = statisticsOf(lines);
      if (found) all.set(key, found);
      key = null;
    } else if (begun) {
      key = begun[1] ?? null;
      lines = [];
    } else if (key !== null) lines.push(line);
  }
  return all;
}

function statisticsOf(lines: readonly string[]): KernelStatistics | null {
  const numbers = new Map<string, number>();
  for (const line of lines) {
    const found = /^([A-Z][\w -]*): (\d+)$/.exec(line);
    if (found) numbers.set(found[1] ?? '', Number(found[2]));
  }
  if (!numbers.has('Inverse Throughput')) return null;
  const of = (name: string): number => numbers.get(name) ?? 0;
  const start = lines.lastIndexOf('disasm:');
  const end = lines.findIndex((line, k) => k > start && line.startsWith('*** SHADER STATS'));
  return {
    registers: of('VGPRs'),
    spilled: of('Spilled VGPRs'),
    scratchBytes: of('Scratch size'),
    sharedBytes: of('LDS size'),
    waves: of('Subgroups per SIMD'),
    instructions: of('Instructions'),
    inverseThroughput: of('Inverse Throughput'),
    hot: hottest(start < 0 ? [] : lines.slice(start + 1, end)),
  };
}

/** Of the loops that hold no other loop, the mix of that with the most multiply-adds. */
function hottest(code: readonly string[]): Mix {
  const labels = new Map<string, number>();
  const loops: { first: number; last: number }[] = [];
  code.forEach((line, at) => {
    const label = /^(BB\d+):/.exec(line)?.[1];
    if (label !== undefined) labels.set(label, at);
    const target = /^\ts_c?branch\w* (BB\d+)/.exec(line)?.[1];
    const first = target === undefined ? undefined : labels.get(target);
    if (first !== undefined) loops.push({ first, last: at });
  });
  const innermost = loops.filter(
    (loop) => !loops.some((other) => other !== loop && other.first >= loop.first && other.last <= loop.last),
  );
  const mixes = innermost.map(({ first, last }) => mixOf(code.slice(first, last + 1)));
  const best = mixes.sort((a, b) => b.multiplyAdds - a.multiplyAdds)[0];
  return best && best.multiplyAdds > 0 ? best : mixOf(code);
}

function mixOf(code: readonly string[]): Mix {
  const instructions = code.filter((line) => line.startsWith('\t')).map((line) => line.trim());
  const count = (pattern: RegExp): number => instructions.filter((line) => pattern.test(line)).length;
  return {
    instructions: instructions.length,
    multiplyAdds: instructions.reduce(
      (sum, line) => sum + (line.match(/\bv_(dual_|pk_)?(fma|fmac|mad)/g)?.length ?? 0),
      0,
    ),
    sharedLoads: count(/^ds_(load|read)/),
    sharedStores: count(/^ds_(store|write)/),
    loads: count(/^(buffer|global|scratch)_load/),
    stores: count(/^(buffer|global|scratch)_store/),
    scalar: count(/^s_(?!delay_alu|clause|nop|waitcnt)/),
  };
}
