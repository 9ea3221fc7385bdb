// What is missing of a video that opens is told with numbers: gaps, ends, sound that is longer than the picture.
import {
  BufferTarget,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  MkvOutputFormat,
  Output,
  WebMOutputFormat,
} from 'mediabunny';
import { expect, it } from 'vitest';
import { VideoFile } from '../../src/video/videoFile';
import { gapNotice } from '../../src/video/videoNotices';

const packet = (place: number, seconds: number): EncodedPacket =>
  new EncodedPacket(new Uint8Array(200).fill(1 + (place % 200)), place % 25 === 0 ? 'key' : 'delta', seconds, 0.04);

/** Packets of VP8 at these places of a clock of 25 a second, and sound of so many seconds. */
async function matroska(places: readonly number[], soundSeconds = 0): Promise<Uint8Array<ArrayBuffer>> {
  const format = soundSeconds > 0 ? new MkvOutputFormat() : new WebMOutputFormat({ minimumClusterDuration: 1 });
  const output = new Output({ format, target: new BufferTarget() });
  const video = new EncodedVideoPacketSource('vp8');
  const audio = new EncodedAudioPacketSource('pcm-s16');
  output.addVideoTrack(video);
  if (soundSeconds > 0) output.addAudioTrack(audio);
  await output.start();
  const decoderConfig = { codec: 'vp8', codedWidth: 64, codedHeight: 48 };
  for (const place of places) await video.add(packet(place, place / 25), { decoderConfig });
  for (let second = 0; second < soundSeconds; second++)
    await audio.add(new EncodedPacket(new Uint8Array(16_000), 'key', second, 1), {
      decoderConfig: { codec: 'pcm-s16', numberOfChannels: 1, sampleRate: 8000 },
    });
  await output.finalize();
  return new Uint8Array(output.target.buffer!);
}

const all = Array.from({ length: 150 }, (_, i) => i);
async function opened(bytes: Uint8Array<ArrayBuffer>) {
  using video = await VideoFile.open(new Blob([bytes]), 'a.mkv');
  return {
    frames: video.facts.times.length,
    notices: video.facts.notices.map(({ code, detail }) => [code, detail] as const),
  };
}

it('of a whole file there is nothing to tell', async () => {
  expect(await opened(await matroska(all))).toEqual({ frames: 150, notices: [] });
});

it('a damaged cluster costs its frames, which are counted', async () => {
  const bytes = await matroska(all);
  const clusters: number[] = [];
  for (let at = 0; at + 4 < bytes.length; at++)
    if (bytes[at] === 0x1f && bytes[at + 1] === 0x43 && bytes[at + 2] === 0xb6 && bytes[at + 3] === 0x75)
      clusters.push(at);
  expect(clusters.length).toBeGreaterThan(3);
  const start = clusters[2]! + 1000;
  bytes.fill(0, start, start + 1500);
  const { frames, notices } = await opened(bytes);
  expect(frames).toBeLessThan(150);
  expect(notices).toMatchObject([['video-gap', { gaps: 1, frames: 150 - frames }]]);
});

it('sound that goes on does not make a file cut off', async () => {
  expect(await opened(await matroska(all.slice(0, 50), 6))).toEqual({ frames: 50, notices: [] });
});

it('frames that end before the header says do', async () => {
  const bytes = await matroska(all);
  const { frames, notices } = await opened(bytes.slice(0, Math.floor(bytes.length / 2)));
  expect(frames).toBeGreaterThan(60);
  expect(notices).toMatchObject([['video-short', { frames }]]);
});

it('a slide show has no gaps, a film that stands still has', () => {
  expect(gapNotice('a.ts', Float64Array.of(0, 5, 10, 15))).toEqual([]);
  const times = Float64Array.from([...all.map((i) => i / 25), ...all.map((i) => 8 + i / 25), 20]);
  expect(gapNotice('a.ts', times)).toMatchObject([{ detail: { from: '5.96', to: '8.00', gaps: 2, frames: 50 + 150 } }]);
});
