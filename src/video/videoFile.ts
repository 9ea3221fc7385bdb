// An opened video: what is in it, when each frame is shown, and how it is to be held.
import {
  BlobSource,
  Input,
  Logging,
  LogLevel,
  MATROSKA,
  MP4,
  MPEG_TS,
  QTFF,
  WEBM,
  UnsupportedInputFormatError,
  type InputVideoTrack,
} from 'mediabunny';
import { UserError } from '../errors';
import {
  codecMissing,
  codecTitle,
  containerUnknown,
  conversionLine,
  editsUnreadable,
  encrypted,
  foreignContainer,
  parametersChange,
  readContainers,
} from './conversion';
import { indexFrames, type FrameIndex } from './frameIndex';
import { everything, readMp4Edits, UnreadableEdits, type Mp4Edits } from './mp4Edits';
import { unpackedMatroska } from './unpackMatroska';
import { mendedMatroska } from './cutMatroska';
import { mendedFragments, type Mended } from './mendedFragments';
import { mendedTransport } from './mendedTransport';
import { pictureShape } from './pictureShape';
import { withSigns } from './patience';
import {
  gapNotice,
  leftOutNotices,
  lengthNotice,
  lostNotice,
  promisedEnd,
  trackNotice,
  type VideoNotice,
} from './videoNotices';
import { readSampleEntries } from './sampleEntries';
import { hasCutIndex, indexMissing, withoutVideo } from './withoutVideo';

/** How a decoded frame becomes upright: turned clockwise by `rotation` degrees, then mirrored where `mirrored`. */
export interface Orientation {
  readonly rotation: 0 | 90 | 180 | 270;
  readonly mirrored: boolean;
}

/** How luma and chroma become red, green and blue. */
export interface Colour {
  /** BT.601 where the file does not say: so do ffmpeg and with it the tools that prepared most data sets. */
  readonly matrix: 'bt601' | 'bt709' | 'bt2020';
  /** Whether values use all of 0..255. */
  readonly fullRange: boolean;
}

/** Plain data that crosses between workers. */
export interface VideoFacts {
  readonly path: string;
  readonly container: string;
  /** For example `H.264, avc1.64001f`. */
  readonly codec: string;
  /** Size as shown: upright, with square pixels. */
  readonly width: number;
  readonly height: number;
  /** Size as coded. */
  readonly codedWidth: number;
  readonly codedHeight: number;
  readonly orientation: Orientation;
  /** Width of a pixel over its height. */
  readonly pixelAspect: number;
  readonly colour: Colour;
  /** 1-based number of the chosen video track, and how many there are. */
  readonly track: number;
  readonly tracks: number;
  /** Presentation times of all frames in seconds, ascending. */
  readonly times: Float64Array;
  /** From the first frame to the end of the last. */
  readonly durationSeconds: number;
  readonly notices: readonly VideoNotice[];
}

Logging.level = LogLevel.Silent;

/** A file, and what was done to it so that it can be read. */
interface FileSource {
  readonly file: Blob;
  readonly path: string;
  readonly sign: () => void;
  readonly isMended: boolean;
  /** It ended in the middle of what it lists. */
  readonly isCut: boolean;
  /** Damaged parts that were taken out. */
  readonly lostBytes: number;
}

const asItIs = { isMended: false, isCut: false, lostBytes: 0 } as const;

/** Playlists are left out: they would fetch from the network. */
const formats = [MP4, QTFF, WEBM, MATROSKA, MPEG_TS];

export class VideoFile implements Disposable {
  readonly facts: VideoFacts;
  readonly track: InputVideoTrack;
  readonly index: FrameIndex;
  readonly #input: Input;

  private constructor(input: Input, track: InputVideoTrack, index: FrameIndex, facts: VideoFacts) {
    this.#input = input;
    this.track = track;
    this.index = index;
    this.facts = facts;
  }

  /**
   * Reads headers and all frame times, and decodes the first frame where anything decodes here.
   * @param path only named in sentences. What the file is, its content says.
   * @throws UserError with a code that starts with `video-`.
   */
  static async open(file: Blob, path: string, signal?: AbortSignal): Promise<VideoFile> {
    if (file.size === 0) throw new UserError('video-empty', `The file is empty; copy it again (${path})`, { path });
    const input = new Input({ formats, source: new BlobSource(file) });
    try {
      return await withSigns((sign) => VideoFile.#read(input, { file, path, sign, ...asItIs }), path, signal);
    } catch (error) {
      input.dispose();
      if (error instanceof UserError || signal?.aborted === true) throw error;
      const mended = await mendedTransport(file);
      if (mended)
        return await withSigns((sign) => VideoFile.#again(mended, { file, path, sign, ...asItIs }), path, signal);
      if (error instanceof UnreadableEdits) throw editsUnreadable(path, error);
      if (error instanceof UnsupportedInputFormatError) throw await refusal(file, path);
      if (await hasCutIndex(file)) throw indexMissing(path, true);
      throw unreadable(path, error);
    }
  }

  /** Reads a file in the form in which it can be read. */
  static async #again({ blob, lostBytes }: Mended, source: FileSource): Promise<VideoFile> {
    const input = new Input({ formats, source: new BlobSource(blob) });
    return await VideoFile.#read(input, { ...source, file: blob, isMended: true, lostBytes });
  }

  static async #read(input: Input, source: FileSource): Promise<VideoFile> {
    const { file, path, sign, isMended, isCut } = source;
    const format = await input.getFormat();
    const isMp4 = format === MP4 || format === QTFF;
    const isMatroska = format === MATROSKA || format === WEBM;
    const cut = isMatroska && !isMended ? await mendedMatroska(file) : null;
    const mended = cut ? { blob: cut, lostBytes: 0 } : isMp4 && !isMended ? await mendedFragments(file) : null;
    if (mended) {
      input.dispose();
      return await VideoFile.#again(mended, { ...source, isCut: cut !== null });
    }
    const tracks = await input.getVideoTracks();
    if (tracks.length === 0) {
      const plain = await unpackedMatroska(file);
      if (!plain) throw await withoutVideo(input, format, file, path);
      input.dispose();
      return await VideoFile.#again({ blob: plain, lostBytes: 0 }, source);
    }
    const track = await chooseTrack(tracks);
    const entries = isMp4 ? await readSampleEntries(file, track.id) : null;
    if (entries?.isEncrypted) throw encrypted(path);
    const internal = entries?.type ?? internalName(await track.getInternalCodecId());
    const codec = codecTitle(internal, await track.getCodecParameterString());
    if (decodes() && !(await track.canDecode())) throw codecMissing(path, codec);
    const edits = isMp4 ? await readMp4Edits(file, track.id) : everything;
    if (entries && entries.entries > 1 && entries.parts === null) throw parametersChange(path, codec);
    // The demuxer takes the last of several entries for all samples.
    const index = await indexFrames(track, edits, entries && entries.entries > 1 ? entries.parts : null, sign);
    if (format === MPEG_TS && !isMended && index && index.lost > 0) {
      const whole = await mendedTransport(file);
      if (whole) {
        input.dispose();
        return await VideoFile.#again(whole, source);
      }
    }
    if (!index || index.times.length === 0) throw withoutFrames(path);
    const durationSeconds = await lastsUntil(track, index, edits);
    const { codedWidth, codedHeight, pixelAspect } = await pictureShape({ track, index, facts: { path, codec } });
    const rotation = await track.getRotation();
    const shown = [Math.round(codedWidth * pixelAspect), codedHeight] as const;
    const [width, height] = rotation % 180 === 0 ? shown : [shown[1], shown[0]];
    const facts: VideoFacts = {
      path,
      container: format.name,
      codec,
      width,
      height,
      codedWidth,
      codedHeight,
      orientation: { rotation, mirrored: await track.getFlip() },
      pixelAspect,
      colour: colourOf(await track.getColorSpace()),
      track: track.number,
      tracks: tracks.length,
      times: index.times,
      durationSeconds,
      notices: [
        ...trackNotice(path, track.number, tracks.length),
        ...leftOutNotices(path, index),
        ...(source.lostBytes > 0 ? [lostNotice(path, source.lostBytes)] : []),
        ...(isMp4 && !isMended ? [] : gapNotice(path, index.times)),
        ...lengthNotice(path, index, {
          durationSeconds,
          isCut,
          promised: await promisedEnd(input, track, edits, index.times[0]! + durationSeconds),
        }),
      ],
    };
    return new VideoFile(input, track, index, facts);
  }

  [Symbol.dispose](): void {
    this.#input.dispose();
  }
}

/** False in Node, where files can only be looked at. */
function decodes(): boolean {
  return 'VideoDecoder' in globalThis;
}

/** The track that players show, the first one marked as default; the first that can be decoded where that one cannot. */
async function chooseTrack(tracks: readonly InputVideoTrack[]): Promise<InputVideoTrack> {
  const byDefault: InputVideoTrack[] = [];
  const others: InputVideoTrack[] = [];
  for (const track of tracks) ((await track.getDisposition()).default ? byDefault : others).push(track);
  const ordered = [...byDefault, ...others];
  if (decodes()) for (const track of ordered) if (await track.canDecode()) return track;
  return ordered[0]!;
}

function colourOf({ matrix, fullRange }: VideoColorSpaceInit): Colour {
  const name: string | null | undefined = matrix;
  return {
    matrix: name === 'bt709' ? 'bt709' : name?.startsWith('bt2020') ? 'bt2020' : 'bt601',
    fullRange: fullRange ?? false,
  };
}

function internalName(id: string | number | Uint8Array | null): string | number | null {
  return id instanceof Uint8Array ? null : id;
}

/** The last frame lasts as long as its packet says, or as long as frames do on average. */
async function lastsUntil(track: InputVideoTrack, index: FrameIndex, edits: Mp4Edits): Promise<number> {
  const { times, lastSeconds } = index;
  const first = times[0]!;
  const last = times[times.length - 1]!;
  const average = times.length > 1 ? (last - first) / (times.length - 1) : 0;
  const isWhole = edits.length === 1 && edits[0]!.toSeconds === Infinity;
  const end = isWhole ? (await track.computeDuration()) + edits[0]!.shiftSeconds : last + lastSeconds;
  const lasting = end > last && end - last < 10 * Math.max(average, 0.1) ? end - last : average;
  return last - first + lasting;
}

async function refusal(file: Blob, path: string): Promise<UserError> {
  const container = foreignContainer(new Uint8Array(await file.slice(0, 16).arrayBuffer()));
  if (container !== null) return containerUnknown(path, container);
  const message = `This is no video, whatever its name says; ${readContainers} files are read (${path})`;
  return new UserError('video-format', message, { path });
}

function withoutFrames(path: string): UserError {
  const message = `The file is damaged: where it says that its frames lie, there are none. Copy it again (${path})`;
  return new UserError('video-damaged', message, { path });
}

/** What is wrong only the demuxer's programmers know. */
function unreadable(path: string, cause: unknown): UserError {
  const line = conversionLine(path);
  const message = `The file is built in a way that is not read here, or it is damaged. Where players show it, write it out anew: ${line} (${path})`;
  return new UserError('video-unreadable', message, { path, line }, { cause });
}
