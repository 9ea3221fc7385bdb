// What the player's keys do while the view that holds it has focus.
import type { Cursor } from './cursor.svelte';

export interface KeyTargets {
  /** Where `[` and `]` jump to: seconds, ascending. */
  readonly segments?: readonly number[] | undefined;
  /** What `M` does. */
  readonly onTruth?: (() => void) | undefined;
}

/** Keys that the focused control needs itself. */
function isTaken(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  if (target.matches('select, textarea, input:not([type=range]):not([type=checkbox])')) return true;
  return event.key === ' ' && target.matches('button, summary, input[type=checkbox]');
}

/** True when the key was one of the player's. */
export function playerKey(event: KeyboardEvent, cursor: Cursor, { segments = [], onTruth }: KeyTargets): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return false;
  const actions: Record<string, (() => void) | undefined> = {
    ' ': () => cursor.togglePlay(),
    d: () => cursor.seek(cursor.frame - 1),
    ',': () => cursor.seek(cursor.frame - 1),
    f: () => cursor.seek(cursor.frame + 1),
    '.': () => cursor.seek(cursor.frame + 1),
    j: () => cursor.skip(-1),
    l: () => cursor.skip(1),
    ...(segments.length > 0 && { '[': () => cursor.jump(segments, -1), ']': () => cursor.jump(segments, 1) }),
    m: onTruth,
  };
  const action = actions[event.key.toLowerCase()];
  if (action === undefined) return false;
  event.preventDefault();
  action();
  return true;
}
