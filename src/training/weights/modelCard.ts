// What exported weights say of themselves, so that opening them asks nothing: the task, everything the model is built from, its metric.
import { UserError } from '../../errors';
import type { Settings } from '../../models/settings';
import type { WeightKind } from '../protocol';
import type { Facts } from '../batch';

/** Key of the metadata of a .safetensors file, and name of the entry of a .pth archive. */
export const cardKey = 'tabtune';

export interface ModelCard {
  readonly version: 1;
  readonly task: string;
  readonly preset: string;
  /** All of the run: network, size, crop, normalisation, sampling of frames, activation of text, thresholds. */
  readonly settings: Settings;
  /** What the data said of itself, such as class names. */
  readonly facts: Facts;
  readonly step: number;
  readonly epoch: number;
  readonly weights: WeightKind;
  /** Of the validation by which these weights were chosen; null where they were not. */
  readonly metric: { readonly name: string; readonly value: number } | null;
}

/** Metadata of a file with this card; the words beside it are for those who look with other tools. */
export function cardMetadata(card: ModelCard): Readonly<Record<string, string>> {
  const { task, preset, step, epoch, weights } = card;
  const words = { format: 'pt', task, preset, step: String(step), epoch: String(epoch), weights };
  return { ...words, [cardKey]: JSON.stringify(card) };
}

/**
 * The card of a file's metadata, null where there is none.
 * @throws UserError `weights-card` for one that this version cannot read.
 */
export function readCard(metadata: Readonly<Record<string, string>>, path: string): ModelCard | null {
  const text = metadata[cardKey];
  if (text === undefined) return null;
  const card = parsed(text);
  if (isCard(card)) return card;
  const message = `The file says what it is in a way that this version of Tabtune does not know; export the run again (${path})`;
  throw new UserError('weights-card', message, { path });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isCard(value: unknown): value is ModelCard {
  if (typeof value !== 'object' || value === null) return false;
  const { version, task, preset, settings, facts } = value as Record<string, unknown>;
  const words = [task, preset].every((one) => typeof one === 'string');
  return version === 1 && words && [settings, facts].every((one) => typeof one === 'object' && one !== null);
}
