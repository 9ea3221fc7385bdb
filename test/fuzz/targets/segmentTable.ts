// Tables of labelled segments. Broken lines become findings; so that damage shows as refused, the first finding is thrown.
import { looksLikeSegmentTable, parseSegmentTable } from '../../../src/annotations/segmentTable';
import { UserError } from '../../../src/errors';
import { decodeText } from '../../../src/formats/text';
import type { FuzzTarget } from '../harness';

const target: FuzzTarget = {
  name: 'segmentTable',
  seeds: [
    'video,label,start,end,split\n"a, b.mp4",jump,1,2.5,train\nb.mkv,"say ""hi""",0:01:02.5,1:03:00,val\nc,,,\n',
    'Video ID;Action;Start Frame;End Frame;fps\r\na;b;25;50;25\r\n',
  ].map((text) => new TextEncoder().encode(text)),
  tokens: ['"', '""', ',', ';', '\t', '00:00:01', '1e9', '-1', 'video', 'start', '\n'],
  parse(bytes) {
    const { text } = decodeText(bytes);
    looksLikeSegmentTable(text);
    const [problem] = parseSegmentTable(text, 'a.csv').unusable;
    if (problem) throw new UserError(problem.code, problem.message);
  },
};
export default target;
