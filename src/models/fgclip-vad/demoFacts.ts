// The demo's texts as facts, for whoever plans a step without drawing its videos.
import { ClipTokenizer } from '../../text/clipTokenizer';
import { wordsOf } from './anomalies';
import { demoCaptions, quietCaption } from './demoCaptions';
import { factsOf, type FgclipFacts } from './texts';

const things = Object.entries(demoCaptions);
const videos = [
  { caption: quietCaption, regions: [{ caption: wordsOf('Normal'), boxAt: () => null, extent: null }] },
  ...things.map(([, [region, caption]]) => ({
    caption,
    regions: [{ caption: region, boxAt: () => null, extent: null }],
  })),
];
const classes = ['Normal', ...things.map(([name]) => name)];

export const demoFacts: FgclipFacts = factsOf(videos, classes, {
  tokenizer: ClipTokenizer.ofBytes(),
  clip: false,
}).facts;
