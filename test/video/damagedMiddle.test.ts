// Files that are damaged in the middle or whose index is cut: what lies behind the damage is read, what is lost is counted.
import {
  BufferTarget,
  EncodedPacket,
  EncodedVideoPacketSource,
  Mp4OutputFormat,
  MpegTsOutputFormat,
  Output,
  type OutputFormat,
} from 'mediabunny';
import { describe, expect, it } from 'vitest';
import { mendedFragments } from '../../src/video/mendedFragments';
import { mendedTransport } from '../../src/video/mendedTransport';
import { VideoFile } from '../../src/video/videoFile';
import { joinClips } from '../browser/joinedClips';

/** Baseline, 64 × 48. */
const sps = [0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x0a, 0xda, 0x11, 0xe4];
const pps = [0, 0, 0, 1, 0x68, 0xce, 0x3c];

async function clip(format: OutputFormat, codec: 'vp9' | 'avc', frames: number): Promise<Uint8Array<ArrayBuffer>> {
  const output = new Output({ format, target: new BufferTarget() });
  const source = new EncodedVideoPacketSource(codec);
  output.addVideoTrack(source);
  await output.start();
  const decoderConfig = { codec: codec === 'avc' ? 'avc1.42c00a' : 'vp09.00.10.08', codedWidth: 64, codedHeight: 48 };
  for (let i = 0; i < frames; i++) {
    const isKey = i % 12 === 0;
    const head = codec === 'vp9' ? [] : [...(isKey ? [...sps, ...pps] : []), 0, 0, 0, 1, isKey ? 0x65 : 0x61];
    const data = Uint8Array.from([...head, ...Array<number>(400).fill(0x55)]);
    await source.add(new EncodedPacket(data, isKey ? 'key' : 'delta', i / 25, 1 / 25), { decoderConfig });
  }
  await output.finalize();
  return new Uint8Array(output.target.buffer!);
}

async function opened(bytes: Uint8Array<ArrayBuffer>) {
  using video = await VideoFile.open(new Blob([bytes]), 'a');
  const { times, notices } = video.facts;
  return {
    frames: times.length,
    last: times.at(-1),
    notices: notices.map(({ code, detail }) => [code, detail] as const),
  };
}

describe('fragments', () => {
  it('behind a damaged one are read', async () => {
    const part = new Blob([await clip(new Mp4OutputFormat({ fastStart: 'in-memory' }), 'vp9', 15)]);
    const bytes = new Uint8Array(await (await joinClips([part, part, part], 'fragments')).arrayBuffer());
    expect(await mendedFragments(new Blob([bytes]))).toBeNull();
    const starts = [...Array(bytes.length).keys()].filter(
      (i) => String.fromCharCode(...bytes.subarray(i + 4, i + 8)) === 'moof',
    );
    bytes.fill(0, starts[1], starts[2]);
    const { frames, last, notices } = await opened(bytes);
    expect([frames, last]).toEqual([30, 44 / 25]);
    expect(notices).toMatchObject([
      ['video-lost-part', { bytes: starts[2]! - starts[1]! }],
      ['video-gap', { frames: 15, from: '0.56', to: '1.20' }],
    ]);
  });

  it('are not looked for in other files', async () => {
    const plain = new Blob([await clip(new Mp4OutputFormat({ fastStart: 'in-memory' }), 'vp9', 3)]);
    expect(await mendedFragments(plain)).toBeNull();
    expect(await mendedFragments(new Blob(['nothing of the kind']))).toBeNull();
  });
});

describe('a transport stream', () => {
  it('is read on behind what is damaged', async () => {
    const bytes = await clip(new MpegTsOutputFormat(), 'avc', 100);
    const whole = await opened(Uint8Array.from(bytes));
    expect(whole).toMatchObject({ frames: 100, notices: [] });
    expect(await mendedTransport(new Blob([bytes]))).toBeNull();
    const [from, to] = [188 * 60 + 10, 188 * 110 + 70];
    bytes.fill(0, from, to);
    const { frames, last, notices } = await opened(bytes);
    expect(last).toBeCloseTo(whole.last!, 6);
    expect(frames).toBeGreaterThan(75);
    expect(frames).toBeLessThan(100);
    expect(notices[0]).toMatchObject(['video-lost-part', {}]);
  });
});

it('an index that is cut off is no codec that a browser lacks', async () => {
  const bytes = await clip(new Mp4OutputFormat({ fastStart: false }), 'vp9', 30);
  for (const left of [10, 200])
    await expect(opened(bytes.slice(0, bytes.length - left))).rejects.toMatchObject({
      code: 'video-no-index',
      message: expect.stringContaining('cut off') as string,
    });
});
