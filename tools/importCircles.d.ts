import type { Rule } from 'eslint';

/** Number of the circle that each file of a folder belongs to, by its absolute path. */
export function importCircles(folder: string): Map<string, number>;
export const noImportCircle: Rule.RuleModule;
