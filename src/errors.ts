// The two kinds of error: what the person can mend (UserError) and what only we can (Bug).

/** Values that an error's sentence mentions, by name; the page translates the sentence by `code`. */
export type ErrorDetail = Readonly<Record<string, string | number | boolean>>;

/**
 * Something the person can mend: a file, a setting, a missing browser feature.
 * `message` is a whole English sentence that says what, where and what to do;
 * `code` is stable and names the sentence for translation.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  readonly code: string;
  readonly detail: ErrorDetail;

  constructor(code: string, message: string, detail: ErrorDetail = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.detail = detail;
  }
}

/** An invariant of ours that does not hold; the page shows it as our mistake with a report to copy. */
export class Bug extends Error {
  override readonly name: string = 'Bug';
}

/** Whether a part of the page did not arrive when it was first needed, as happens without a connection. */
export function isMissingPart(error: unknown): boolean {
  return (
    error instanceof Error &&
    /dynamically imported module|Importing a module script failed|Unable to preload/.test(error.message)
  );
}

export const missingPart = 'A part of this page could not be loaded: connect to the network and try again.';

/** Throws a Bug when `condition` is false. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Bug(message);
}
