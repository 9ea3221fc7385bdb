// How long work tells how far it is.

/** Called with what is being done; throws when the person cancelled. */
export type Progress = (what: string, done: number, total: number) => void;
