// Numbers, bytes, rates and spans of time in the reader's language.

const cache = new Map<string, Intl.NumberFormat>();

function formatter(locale: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = locale + JSON.stringify(options);
  let found = cache.get(key);
  if (found === undefined) cache.set(key, (found = new Intl.NumberFormat(locale, options)));
  return found;
}

export function count(locale: string, value: number): string {
  return formatter(locale, { maximumFractionDigits: 0 }).format(value);
}

/** `digits` significant digits; very small and very large numbers in scientific notation, as learning rates are written. */
export function significant(locale: string, value: number, digits = 4): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    return formatter(locale, { notation: 'scientific', maximumSignificantDigits: digits })
      .format(value)
      .replace('E', 'e');
  }
  return formatter(locale, { maximumSignificantDigits: Math.max(digits, Math.ceil(Math.log10(size + 1))) }).format(
    value,
  );
}

export function fixed(locale: string, value: number, digits: number): string {
  return formatter(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

export function percent(locale: string, share: number): string {
  return formatter(locale, { style: 'percent', maximumFractionDigits: 0 }).format(share);
}

export function bytes(locale: string, value: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let power = 0;
  let scaled = value;
  while (scaled >= 1024 && power < units.length - 1) {
    scaled /= 1024;
    power++;
  }
  const digits = power === 0 || scaled >= 100 ? 0 : 1;
  return `${formatter(locale, { maximumFractionDigits: digits }).format(scaled)} ${units[power]!}`;
}

/** A span as people say it, in one unit: `8 s`, `4 min`, `2.5 h`. */
export function duration(locale: string, seconds: number): string {
  const unit = (value: number, name: string, digits: number) =>
    formatter(locale, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: digits }).format(value);
  // English abbreviates to `sec`, which nobody writes.
  if (seconds < 90 && locale.startsWith('en')) return `${count(locale, seconds)} s`;
  if (seconds < 90) return unit(Math.round(seconds), 'second', 0);
  if (seconds < 5400) return unit(Math.round(seconds / 60), 'minute', 0);
  return unit(seconds / 3600, 'hour', 1);
}

export function date(locale: string, milliseconds: number): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(milliseconds);
}
