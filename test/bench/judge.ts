// Compares the rows of one subject: do they compute the same, and how fast is each beside the fastest peer?
import { OURS, type Row } from './protocol';

export interface Verdict {
  /** Null where nobody else gives values to compare with. */
  readonly agrees: boolean | null;
  /** The fastest peer's median over this row's: above 1 is faster than every peer. Null without a peer or figures. */
  readonly speed: number | null;
}

const DIGITS = 5;
/** Some engines sum in f16: a thousand terms with an error of 2^-11 each come to this share. */
const HALF_SHARE = 0.02;

/** One verdict per row. A row agrees when most rows of its subject, itself among them, give its values. */
export function judge(rows: readonly Row[]): Verdict[] {
  return rows.map((row) => {
    const beside = rows.filter((other) => other.subject === row.subject && other.figures !== undefined);
    const right = beside.filter((other) => agreement(other, beside) !== false);
    const peers = right.filter((other) => other.engine !== OURS).map((other) => other.figures!.medianMilliseconds);
    const mine = row.figures?.medianMilliseconds;
    return {
      agrees: row.figures === undefined ? null : agreement(row, beside),
      speed: peers.length === 0 || mine === undefined ? null : Math.min(...peers) / mine,
    };
  });
}

function agreement(row: Row, beside: readonly Row[]): boolean | null {
  if (beside.length < 2) return null;
  const half = row.subject.endsWith('-f16');
  const same = beside.filter((other) => equal(row.figures!.check, other.figures!.check, half));
  return same.length > beside.length / 2;
}

/** At most one unit of the last digit apart, or for halves a share of their size, each value of each. */
function equal(a: readonly number[], b: readonly number[], half: boolean): boolean {
  return (
    a.length === b.length &&
    a.every((value, i) => {
      const size = Math.max(Math.abs(value), Math.abs(b[i]!));
      // The last bit of the difference itself is no difference.
      const unit = 10 ** (Math.floor(Math.log10(size)) - DIGITS + 1) * (1 + 1e-6);
      return size === 0 || Math.abs(value - b[i]!) <= (half ? HALF_SHARE * size : unit);
    })
  );
}
