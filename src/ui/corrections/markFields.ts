// What an editor of one mark shows of it, whatever its shape.
import type { BoxBar } from './boxBars';
import type { BoxText } from './boxStrings';

/** What boxes and segments on show have in common. */
export type EditedMark = Pick<BoxBar, 'label' | 'score' | 'tone'>;

/** The words that they share. */
export type EditorText = Pick<
  BoxText,
  | 'selected'
  | 'truth'
  | 'found'
  | 'tones'
  | 'nothingSelected'
  | 'label'
  | 'accept'
  | 'acceptNote'
  | 'remove'
  | 'dismiss'
  | 'add'
>;

/** One number of a mark's shape. */
export interface NumberField {
  readonly label: string;
  /** As it is now, so that what may not be is put right in the field. */
  readonly value: () => number;
  readonly digits: number;
  readonly max: number;
  readonly step: number;
  readonly onType: (value: number) => void;
}
