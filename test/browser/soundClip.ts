// A small video with a tone, whose frames are not evenly spaced, as recordings of a screen are.
import { AudioBufferSource, BufferTarget, CanvasSource, Mp4OutputFormat, Output, Quality } from 'mediabunny';
import { levelOf } from './clip';

export const soundSize = { width: 96, height: 64 };
export const soundTimes = [0, 0.04, 0.1, 0.12, 0.2, 0.3, 0.34, 0.4, 0.5, 0.52];

/** Frame i is a flat grey of `levelOf(i)`. */
export async function soundClip(): Promise<Blob> {
  const output = new Output({ format: new Mp4OutputFormat(), target: new BufferTarget() });
  const canvas = new OffscreenCanvas(soundSize.width, soundSize.height);
  const context = canvas.getContext('2d')!;
  const quality = new Quality({ bitrate: 4e5 });
  const pictures = new CanvasSource(canvas, { codec: 'avc', quality });
  const sound = new AudioBufferSource({ codec: 'opus', quality: new Quality({ bitrate: 64e3 }) });
  output.addVideoTrack(pictures);
  output.addAudioTrack(sound);
  await output.start();
  for (const [i, seconds] of soundTimes.entries()) {
    context.fillStyle = `rgb(${levelOf(i)} ${levelOf(i)} ${levelOf(i)})`;
    context.fillRect(0, 0, soundSize.width, soundSize.height);
    await pictures.add(seconds, (soundTimes[i + 1] ?? 0.6) - seconds);
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
