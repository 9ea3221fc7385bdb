// UCF-Crime's annotation and list texts, with the recognition and repair of their encoding. Broken lines become
// findings; so that damage shows as refused, the first finding is thrown.
import { parseUcfAnnotation, parseUcfList } from '../../../src/annotations/ucfCrime';
import { UserError } from '../../../src/errors';
import { decodeText, repairDoubleEncoding } from '../../../src/formats/text';
import { ucfText } from '../../annotations/anomalyTexts';
import type { FuzzTarget } from '../harness';

const list = 'Abuse/Abuse001_x264.mp4\r\nTraining_Normal_Videos_Anomaly/Normal_Videos001_x264.mp4\r\n';

const target: FuzzTarget = {
  name: 'annotationText',
  seeds: [ucfText, ucfText.replaceAll('  ', '\t'), list].map((text) => new TextEncoder().encode(text)),
  tokens: ['\n', '\r\n', '  ', '-1', 'Ã©', 'å·®', '\u00a0', 'Normal', '/', '.mp4'],
  parse(bytes) {
    const text = repairDoubleEncoding(decodeText(bytes).text);
    const isList = text.startsWith('Abuse/');
    const { unusable } = isList ? parseUcfList(text, 'a.txt', 'train') : parseUcfAnnotation(text, 'a.txt');
    const [first] = unusable;
    if (first) throw new UserError(first.code, first.message, first.detail);
  },
};
export default target;
