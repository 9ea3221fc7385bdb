// What Try writes over a video, in a real browser: overlays on the frames they belong to, spans along the edge, the sound kept.
import { commands } from 'vitest/browser';
import { expect, it } from 'vitest';
import { drawnVideo } from '../../src/ui/try/drawnVideo';
import { decodeFrames } from '../../src/video/decodeFrames';
import { VideoFile } from '../../src/video/videoFile';
import { levelOf } from './clip';
import { soundClip, soundSize as size, soundTimes as times } from './soundClip';

const reading = {
  ...{ verdict: '', numbers: [], moments: [] },
  // Where the cursor can stand: every second frame, as of a model that skips some.
  timestamps: Float64Array.from(times.filter((_, i) => i % 2 === 0)),
  spans: [{ from: 0.2, until: 0.4, label: 'jump', score: 1, lane: 'jump', colour: '--green' }],
  overlays: [
    (context: CanvasRenderingContext2D, { frame, width }: { frame: number; width: number }) => {
      context.fillStyle = `rgb(${250 - 40 * frame} 0 0)`;
      context.fillRect(0, 0, width / 2, 30);
    },
  ],
};

async function base64(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

it('draws what belongs to each frame, keeps frames, size and sound, and opens in ffprobe', async () => {
  const told: number[] = [];
  const { blob, extension, sound } = await drawnVideo(await soundClip(), 'source.mp4', reading, {
    colour: () => 'rgb(0 200 0)',
    signal: new AbortController().signal,
    told: (share) => told.push(share),
  });
  expect([extension, sound, told.at(-1)]).toEqual(['.mp4', 'copied', 1]);
  using made = await VideoFile.open(blob, 'made.mp4');
  expect(made.facts).toMatchObject({ ...size, notices: [] });
  for await (const { index, frame } of decodeFrames(made)) {
    const context = new OffscreenCanvas(size.width, size.height).getContext('2d')!;
    context.drawImage(frame, 0, 0);
    frame.close();
    const at = (x: number, y: number) => context.getImageData(x, y, 1, 1).data;
    expect(Math.abs(at(24, 10)[0]! - (250 - 40 * (index >> 1)))).toBeLessThan(24);
    expect(Math.abs(at(80, 15)[0]! - levelOf(index))).toBeLessThan(12);
    // The span lies between 0.2 and 0.4 of 0.6 s, so from 32 to 64 of 96 px. Both places lie away from its ends and from every
    // frame's cursor by more than the two pixels that share a colour, so only the codec's rounding is left.
    for (const [channel, level] of [0, 200, 0].entries())
      expect(Math.abs(at(40, 61)[channel]! - level)).toBeLessThan(12);
    expect(Math.abs(at(10, 61)[1]! - 0.4 * levelOf(index))).toBeLessThan(12);
    // The cursor is white, and at 48 px at 0.3 s alone.
    expect(at(48, 61)[2]! > 100).toBe(times[index] === 0.3);
  }
  expect(made.facts.times).toHaveLength(times.length);
  const streams = await commands.probeVideo(await base64(blob), 'made.mp4');
  if (streams === null) return;
  const [video, audio] = [
    streams.find((one) => one.codec_type === 'video'),
    streams.find((one) => one.codec_type === 'audio'),
  ];
  expect(video).toMatchObject({ ...size, nb_read_frames: String(times.length) });
  expect(audio).toMatchObject({ codec_name: 'opus' });
});
