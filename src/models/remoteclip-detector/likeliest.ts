// Classes in the order of how like a picture is to each.

export interface ClassShare {
  /** Class number. */
  readonly category: number;
  readonly name: string;
  readonly share: number;
}

/** The likeliest first. */
export function likeliest(classes: readonly string[], similarity: readonly number[]): ClassShare[] {
  return classes
    .map((name, category) => ({ category, name, share: similarity[category] ?? 0 }))
    .sort((a, b) => b.share - a.share);
}
