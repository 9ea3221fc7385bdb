// Pascal VOC annotations in XML.
import { parseVoc } from '../../../src/annotations/voc';
import { car, vocText } from '../../annotations/vocText';
import type { FuzzTarget } from '../harness';

const flags = '<pose>Left</pose><truncated>1</truncated><difficult>1</difficult>';

const target: FuzzTarget = {
  name: 'voc',
  seeds: [
    vocText(),
    `<?xml version="1.0"?>\n<!-- made -->\n${vocText([car, { name: 'a &amp; b', edges: [3, 4, 50, 40], flags }, car])}`,
  ].map((text) => new TextEncoder().encode(text)),
  tokens: [
    '<object>',
    '</object>',
    '<!DOCTYPE a [<!ENTITY x "ha">]>',
    '&x;',
    '&#1114112;',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<a b="',
  ],
  parse: (bytes) => void parseVoc(new TextDecoder().decode(bytes), 'a.xml'),
};
export default target;
