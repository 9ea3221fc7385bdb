// Captioned videos in FG-CLIP's three JSON formats.
import { parseCaptionedVideos } from '../../../src/annotations/captionedVideos';
import { captionsA, captionsB, captionsC } from '../../annotations/anomalyTexts';
import type { FuzzTarget } from '../harness';

const target: FuzzTarget = {
  name: 'captions',
  seeds: [captionsA, captionsB, captionsC].map((value) => new TextEncoder().encode(JSON.stringify(value))),
  tokens: ['"bbox":', '"keyframes":', '"region":', '"__proto__":', 'null', '{}', '[]', ',', '\\ud800'],
  parse: (bytes) => void parseCaptionedVideos(new TextDecoder().decode(bytes), 'a.json'),
};
export default target;
