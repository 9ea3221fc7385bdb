// Files of two sample entries as they are opened: which packets are decoded how, plain and in fragments.
import { BufferTarget, EncodedPacket, EncodedVideoPacketSource, Mp4OutputFormat, Output } from 'mediabunny';
import { expect, it } from 'vitest';
import { needsOwnDecoding } from '../../src/video/decodePackets';
import { VideoFile } from '../../src/video/videoFile';
import { joinClips } from '../browser/joinedClips';

const codecs = { vp9: 'vp09.00.10.08', av1: 'av01.0.00M.08', avc: 'avc1.42c00a' } as const;
const sps = [0x67, 0x42, 0xc0, 0x0a, 0x8c, 0x68, 0x4f, 0xe0];
const record = Uint8Array.of(1, 0x42, 0xc0, 0x0a, 255, 225, 0, sps.length, ...sps, 1, 0, 3, 0x68, 0xce, 0x3c);

/** Twelve packets that nobody decodes, the first of them a key frame. */
async function clip(codec: keyof typeof codecs, codedWidth: number): Promise<Blob> {
  const output = new Output({ format: new Mp4OutputFormat(), target: new BufferTarget() });
  const source = new EncodedVideoPacketSource(codec);
  output.addVideoTrack(source);
  await output.start();
  const decoderConfig = {
    codec: codecs[codec],
    codedWidth,
    codedHeight: 48,
    ...(codec === 'avc' && { description: record }),
  };
  for (let i = 0; i < 12; i++) {
    const data = Uint8Array.of(0, 0, 0, 6, i === 0 ? 0x65 : 0x61, 1, 2, 3, 4, 5);
    await source.add(new EncodedPacket(data, i === 0 ? 'key' : 'delta', i / 25, 1 / 25), { decoderConfig });
  }
  await output.finalize();
  return new Blob([output.target.buffer!]);
}

it.each([
  ['vp9', 'plain'],
  ['vp9', 'fragments'],
  ['av1', 'plain'],
  ['av1', 'fragments'],
  ['avc', 'plain'],
  ['avc', 'fragments'],
] as const)('%s, %s', async (codec, as) => {
  using video = await VideoFile.open(await joinClips([await clip(codec, 64), await clip(codec, 128)], as), 'a.mp4');
  const { stream, entries } = video.index;
  expect(stream.parts.map(({ fromPlace, config }) => [fromPlace, config.codec, config.codedWidth])).toEqual([
    [0, codecs[codec], 64],
    [12, codecs[codec], 128],
  ]);
  expect([video.facts.times.length, ...entries, needsOwnDecoding(video.index)]).toEqual([24, 0, 12, true]);
});

it('parameters that come in the stream need no help', async () => {
  const joined = await joinClips([await clip('avc', 64), await clip('avc', 128)], 'in the stream');
  using video = await VideoFile.open(joined, 'a.mp4');
  expect([video.facts.times.length, needsOwnDecoding(video.index)]).toEqual([24, false]);
});
