// A video written anew with something drawn on it, in a real browser: its frames, their times and its sound stay.
import {
  AudioBufferSource,
  BufferTarget,
  CanvasSource,
  EncodedPacketSink,
  Mp4OutputFormat,
  Output,
  Quality,
} from 'mediabunny';
import { expect, it } from 'vitest';
import { annotateVideo } from '../../src/video/annotatedVideo';
import { decodeFrames } from '../../src/video/decodeFrames';
import { VideoFile } from '../../src/video/videoFile';
import { levelOf } from './clip';

const size = { width: 96, height: 64 };
/** Not evenly spaced, as recordings of a screen are. */
const times = [0, 0.04, 0.1, 0.12, 0.2, 0.3, 0.34, 0.4, 0.5, 0.52];

async function withSound(): Promise<Blob> {
  const output = new Output({ format: new Mp4OutputFormat(), target: new BufferTarget() });
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext('2d')!;
  const quality = new Quality({ bitrate: 4e5 });
  const pictures = new CanvasSource(canvas, { codec: 'avc', quality });
  const sound = new AudioBufferSource({ codec: 'opus', quality: new Quality({ bitrate: 64e3 }) });
  output.addVideoTrack(pictures);
  output.addAudioTrack(sound);
  await output.start();
  for (const [i, seconds] of times.entries()) {
    context.fillStyle = `rgb(${levelOf(i)} ${levelOf(i)} ${levelOf(i)})`;
    context.fillRect(0, 0, size.width, size.height);
    await pictures.add(seconds, (times[i + 1] ?? 0.6) - seconds);
  }
  const tone = new AudioBuffer({ length: 0.6 * 48000, sampleRate: 48000 });
  tone.copyToChannel(
    Float32Array.from({ length: tone.length }, (_, i) => 0.3 * Math.sin(i / 20)),
    0,
  );
  await sound.add(tone);
  await output.finalize();
  return new Blob([output.target.buffer!]);
}

async function soundOf(video: VideoFile): Promise<{ codec: string | null; bytes: number[][] }> {
  const track = await video.track.input.getPrimaryAudioTrack();
  const bytes: number[][] = [];
  for await (const packet of new EncodedPacketSink(track!).packets()) bytes.push([...packet.data]);
  return { codec: await track!.getCodec(), bytes };
}

it('keeps frames, times, size and the very bytes of the sound, and draws on the frame that is meant', async () => {
  using source = await VideoFile.open(await withSound(), 'source.mp4');
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
  using source = await VideoFile.open(await withSound(), 'source.mp4');
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
