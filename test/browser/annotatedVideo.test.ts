// A video written anew with something drawn on it, in a real browser: its frames, their times and its sound stay.
import { EncodedPacketSink } from 'mediabunny';
import { expect, it } from 'vitest';
import { annotateVideo } from '../../src/video/annotatedVideo';
import { decodeFrames } from '../../src/video/decodeFrames';
import { VideoFile } from '../../src/video/videoFile';
import { levelOf } from './clip';
import { soundClip, soundSize as size, soundTimes as times } from './soundClip';

async function soundOf(video: VideoFile): Promise<{ codec: string | null; bytes: number[][] }> {
  const track = await video.track.input.getPrimaryAudioTrack();
  const bytes: number[][] = [];
  for await (const packet of new EncodedPacketSink(track!).packets()) bytes.push([...packet.data]);
  return { codec: await track!.getCodec(), bytes };
}

it('keeps frames, times, size and the very bytes of the sound, and draws on the frame that is meant', async () => {
  using source = await VideoFile.open(await soundClip(), 'source.mp4');
  const told: number[] = [];
  const { blob, extension, sound } = await annotateVideo(source, {
    draw: (context, { index, seconds }) => {
      expect(seconds).toBeCloseTo(times[index]!, 3);
      context.fillStyle = `rgb(${255 - levelOf(index)} 0 0)`;
      context.fillRect(0, 0, size.width / 2, size.height);
    },
    signal: new AbortController().signal,
    progress: (frames) => told.push(frames),
  });
  expect([extension, sound]).toEqual(['.mp4', 'copied']);
  expect(told).toEqual(times.map((_, i) => i + 1));
  using made = await VideoFile.open(blob, 'made.mp4');
  expect(made.facts).toMatchObject({ ...size, notices: [] });
  expect([...made.facts.times].map((time) => Math.round(time * 1e3))).toEqual(
    times.map((time) => Math.round(time * 1e3)),
  );
  expect(await soundOf(made)).toEqual(await soundOf(source));
  for await (const { index, frame } of decodeFrames(made)) {
    const context = new OffscreenCanvas(size.width, size.height).getContext('2d')!;
    context.drawImage(frame, 0, 0);
    frame.close();
    const [drawn, picture] = [24, 72].map((x) => context.getImageData(x, 32, 1, 1).data);
    expect(Math.abs(picture![0]! - levelOf(index))).toBeLessThan(12);
    expect(Math.abs(drawn![0]! - (255 - levelOf(index)))).toBeLessThan(24);
    expect(drawn![2]).toBeLessThan(40);
  }
});

it('ends when the person stops it', async () => {
  using source = await VideoFile.open(await soundClip(), 'source.mp4');
  const stop = new AbortController();
  const writing = annotateVideo(source, {
    draw: () => undefined,
    signal: stop.signal,
    progress: (frames) => {
      if (frames === 3) stop.abort(new DOMException('enough', 'AbortError'));
    },
  });
  await expect(writing).rejects.toThrow('enough');
});
