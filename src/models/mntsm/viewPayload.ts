// What the view of the clip classifier draws after a validation pass: judged videos, and what it was trained on.
import type { JudgedPass } from '../../ui/judged/judgedPass';

export interface MntsmView extends JudgedPass {
  readonly kind: 'mntsm';
  /** Kinds of training videos with their numbers, the largest first. */
  readonly trainedOn: readonly { readonly kind: string; readonly videos: number }[];
}
