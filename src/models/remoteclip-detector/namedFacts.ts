// Names that are typed when files are judged, instead of those that were trained: what the model needs to know of them.
import { UserError } from '../../errors';
import type { DataFile } from '../../formats/dataFile';
import type { Settings } from '../settings';
import { classTokens, givenFeatures } from './classTexts';
import type { DetectorFacts } from './data';
import { detectorDataSettings } from './dataSettings';

/**
 * Facts for the names of the setting `names`; where none are typed those that came with the weights.
 * @throws UserError where the weights know no texts, or vocabulary or features are not among the files.
 */
export async function namedFacts(
  facts: DetectorFacts,
  settings: Settings,
  files: readonly DataFile[],
): Promise<DetectorFacts> {
  const { classFeatures, prompt } = detectorDataSettings(settings);
  const typed = settings['names'];
  const names = Array.isArray(typed) ? typed.map(String) : [];
  // Weights without a card know nothing of this.
  const known: Partial<DetectorFacts> = facts;
  const { classes: trained, keptDetail } = { classes: [], keptDetail: 1, ...known };
  if (names.length === 0 && trained.length > 0) return { ...facts, keptDetail };
  if (names.length === 0)
    throw new UserError(
      'remoteclip-detector-names',
      'These weights do not say what they know. Type the names of what to look for under "Names to look for".',
    );
  const common = { classes: names, keptDetail };
  if (classFeatures === 'texts')
    return { ...common, tokens: await classTokens(files, names, prompt), givenFeatures: 0 };
  if (classFeatures === 'given')
    return { ...common, tokens: [], givenFeatures: (await givenFeatures(files, names)).features };
  throw new UserError(
    'remoteclip-detector-names-learned',
    `These weights learned a vector for each of their classes (${trained.join(', ')}) and read no text, so they look for nothing else. Leave the names empty, or train with class features from texts.`,
    { classes: trained.join(', ') },
  );
}
