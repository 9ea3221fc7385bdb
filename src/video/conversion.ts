// What to tell a person whose file this browser cannot play: what it is, and the ffmpeg line that converts it.
import { UserError } from '../errors';

/** Codecs by the names that containers give them: sample entries of MP4, codec ids of Matroska, stream types of TS. */
const codecNames: readonly (readonly [RegExp, string])[] = [
  [/^(hvc1|hev1|hevc|dvh1|dvhe|V_MPEGH)/i, 'HEVC (H.265)'],
  [/^(mp4v\.6[0-5]|MPEG-2)/i, 'MPEG-2'],
  [/^mp4v\.6a/i, 'MPEG-1'],
  [/^mp4v\.6[c-e]/i, 'Motion JPEG'],
  [/^(mp4v|V_MPEG4\/ISO|MS-MPEG4|fmp4|xvid|divx|16$)/i, 'MPEG-4 Part 2'],
  [/^(avc|V_MPEG4\/ISO\/AVC|27$)/i, 'H.264'],
  [/^(ap4|apc|apr|aprn|prores|V_PRORES)/i, 'ProRes'],
  [/^(vvc|vvi)/i, 'VVC (H.266)'],
  [/^(av01|av1|V_AV1)/i, 'AV1'],
  [/^(vp0?8|V_VP8)/i, 'VP8'],
  [/^(vp0?9|V_VP9)/i, 'VP9'],
  [/^(mjp|jpeg|V_MJPEG)/i, 'Motion JPEG'],
  [/^(mp2v|mpg|V_MPEG[12]|[12]$)/i, 'MPEG-2'],
  [/^(AVdn|AVdh|V_DNXHD)/i, 'DNxHD'],
];

/** Containers that are read; any other must be converted. */
export const readContainers = 'MP4, MOV, WebM, Matroska or MPEG-TS';

/** A codec's usual name with its full parameter string where there is one, as in `HEVC (H.265), hev1.1.6.L93.90`. */
export function codecTitle(internal: string | number | null, parameters: string | null): string {
  const known = [parameters, internal === null ? null : String(internal)].filter((name) => name !== null);
  // Matroska's name of H.264 begins like that of MPEG-4 Part 2.
  const title = known.some((name) => /AVC/i.test(name))
    ? 'H.264'
    : codecNames.find(([pattern]) => known.some((name) => pattern.test(name)))?.[1];
  const exact = known[0] ?? 'unknown';
  return title === undefined || title === exact ? exact : `${title}, ${exact}`;
}

/** The line that makes an H.264 file of the same frames at the same times. */
export function conversionLine(path: string): string {
  const quoted = (name: string) => `"${name.replace(/(["\\$`])/g, '\\$1')}"`;
  const output = `${stemOf(path)}-h264.mp4`;
  return `ffmpeg -i ${quoted(path)} -fps_mode passthrough -c:v libx264 -crf 18 -pix_fmt yuv420p -c:a aac ${quoted(output)}`;
}

function stemOf(path: string): string {
  return path
    .split(/[/\\]/)
    .at(-1)!
    .replace(/\.[^.]*$/, '');
}

export function codecMissing(path: string, codec: string): UserError {
  const line = conversionLine(path);
  const message = `This browser cannot decode ${codec}. Convert the file: ${line} (${path})`;
  return new UserError('video-codec', message, { path, codec, line });
}

export function containerUnknown(path: string, container: string): UserError {
  const line = conversionLine(path);
  const message = `${container} files are not read; ${readContainers} are. Convert the file: ${line} (${path})`;
  return new UserError('video-container', message, { path, container, line });
}

/** Edit lists that would give wrong times if they were read as cuts. */
export function editsUnreadable(path: string, cause: unknown): UserError {
  const line = conversionLine(path);
  const message = `The file's edit list plays parts at another speed, as stills, or over and over, which is not read here. Write it out anew: ${line} (${path})`;
  return new UserError('video-edits', message, { path, line }, { cause });
}

/** Frames that only a player with the key reads. */
export function encrypted(path: string): UserError {
  const line = conversionLine(path).replace('ffmpeg -i', 'ffmpeg -decryption_key KEY -i');
  const message = `The video is encrypted (DRM). Where you have its key, write it out without: ${line} (${path})`;
  return new UserError('video-encrypted', message, { path, line });
}

/** A Matroska track whose frames are packed once more. */
export function compressedTrack(path: string, codec: string, compression: string): UserError {
  const line = `ffmpeg -i "${path}" -c copy "${stemOf(path)}-plain.mkv"`;
  const message = `The frames of the video (${codec}) are packed with ${compression}, which is not read here. Write the same frames out without: ${line} (${path})`;
  return new UserError('video-compressed', message, { path, codec, compression, line });
}

/** A stream of which the later part needs other parameters than the first, of a codec where that is not read here. */
export function parametersChange(path: string, codec: string): UserError {
  const line = conversionLine(path);
  const message = `The stream changes its parameters in mid-file (${codec}), as joined files do, which browsers do not decode. Write it out anew: ${line} (${path})`;
  return new UserError('video-parameters-change', message, { path, codec, line });
}

/** Damage, a profile that `isConfigSupported` promised and the decoder does not have, or something else: nothing came out. */
export function nothingDecoded(path: string, codec: string, cause: unknown): UserError {
  const line = conversionLine(path);
  const message = `This browser could decode no frame of the video (${codec}), be it that it lacks the profile or that the file is damaged. Where players show it, convert it: ${line} (${path})`;
  return new UserError('video-undecodable', message, { path, codec, line }, { cause });
}

const signatures: readonly (readonly [string, number, string])[] = [
  ['AVI ', 8, 'AVI'],
  ['FLV', 0, 'Flash video'],
  ['\x30\x26\xb2\x75', 0, 'Windows Media (ASF, WMV)'],
  ['.RMF', 0, 'RealMedia'],
  ['OggS', 0, 'Ogg'],
  ['GIF8', 0, 'GIF'],
  ['\x00\x00\x01\xba', 0, 'MPEG program stream'],
  ['\x00\x00\x01\xb3', 0, 'MPEG-1 or MPEG-2 stream'],
];

/** Name of a video container that is recognised and not read, from a file's first bytes, or null. */
export function foreignContainer(head: Uint8Array): string | null {
  const text = String.fromCharCode(...head.subarray(0, 16));
  return signatures.find(([mark, at]) => text.startsWith(mark, at))?.[2] ?? null;
}
