// What a person reads about files that cannot be played: names of codecs and containers, the line for ffmpeg.
import { describe, expect, it } from 'vitest';
import {
  codecMissing,
  codecTitle,
  containerUnknown,
  conversionLine,
  foreignContainer,
} from '../../src/video/conversion';

describe('codec titles', () => {
  it.each([
    ['hvc1', 'hev1.1.6.L93.90', 'HEVC (H.265), hev1.1.6.L93.90'],
    ['mp4v', null, 'MPEG-4 Part 2, mp4v'],
    ['V_MPEG4/ISO/ASP', null, 'MPEG-4 Part 2, V_MPEG4/ISO/ASP'],
    ['V_MPEG4/ISO/AVC', 'avc1.64001f', 'H.264, avc1.64001f'],
    ['V_MPEGH/ISO/HEVC', null, 'HEVC (H.265), V_MPEGH/ISO/HEVC'],
    [27, 'avc1.64000c', 'H.264, avc1.64000c'],
    [2, null, 'MPEG-2, 2'],
    ['apch', null, 'ProRes, apch'],
    ['zzzz', null, 'zzzz'],
    [null, null, 'unknown'],
  ] as const)('%s %s', (internal, parameters, title) => {
    expect(codecTitle(internal, parameters)).toBe(title);
  });
});

it('writes a line that a shell takes as it stands', () => {
  expect(conversionLine('Sommer "24"/$HOME `x`.mov')).toBe(
    'ffmpeg -i "Sommer \\"24\\"/\\$HOME \\`x\\`.mov" -fps_mode passthrough -c:v libx264 -crf 18 -pix_fmt yuv420p -c:a aac "\\$HOME \\`x\\`-h264.mp4"',
  );
});

it('names codec or container, line and file', () => {
  const codec = codecMissing('a/b.mp4', 'HEVC (H.265), hvc1');
  expect(codec).toMatchObject({ code: 'video-codec', detail: { path: 'a/b.mp4', codec: 'HEVC (H.265), hvc1' } });
  expect(codec.message).toMatch(/HEVC.*ffmpeg -i "a\/b\.mp4".*\(a\/b\.mp4\)$/);
  expect(containerUnknown('c.avi', 'AVI').message).toMatch(/^AVI .*ffmpeg -i "c\.avi".*\(c\.avi\)$/);
});

it('knows containers that it does not read by their first bytes', () => {
  const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  expect(foreignContainer(bytes('RIFF\x00\x01\x02\x03AVI LIST'))).toBe('AVI');
  expect(foreignContainer(bytes('RIFF\x00\x01\x02\x03WAVEfmt '))).toBeNull();
  expect(foreignContainer(bytes('FLV\x01'))).toBe('Flash video');
  expect(foreignContainer(new Uint8Array())).toBeNull();
});
