// Where a token of a map lies, as sines and cosines of its row and column: Carion et al. 2020, arXiv:2005.12872.

/** [rows · columns, width], row-major: the first half of the channels from the row, the second from the column. */
export function sinePositions(rows: number, columns: number, width: number): Float32Array {
  const half = width / 2;
  const wave = (place: number, size: number, channel: number): number => {
    const angle = (2 * Math.PI * (place + 1)) / (size + 1e-6);
    const period = 10_000 ** ((2 * Math.floor(channel / 2)) / half);
    return channel % 2 === 0 ? Math.sin(angle / period) : Math.cos(angle / period);
  };
  return Float32Array.from({ length: rows * columns * width }, (_, i) => {
    const [token, channel] = [Math.floor(i / width), i % width];
    if (channel < half) return wave(Math.floor(token / columns), rows, channel);
    return wave(token % columns, columns, channel - half);
  });
}
