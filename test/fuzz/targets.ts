// The table of parsers that are fuzzed: every file of test/fuzz/targets, by name.
import type { FuzzTarget } from './harness';

const modules = import.meta.glob<{ default: FuzzTarget }>('./targets/*.ts', { eager: true });

export const fuzzTargets: readonly FuzzTarget[] = Object.values(modules)
  .map((module) => module.default)
  .sort((a, b) => (a.name < b.name ? -1 : 1));
