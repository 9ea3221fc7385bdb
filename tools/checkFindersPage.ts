// Inside the browser: finds faces or people in a video as the train worker does, and draws what was found.
import { FaceFinder, facePictures } from '../src/finders/faceFinder';
import { boxOfPoints } from '../src/finders/poseBox';
import { PersonFinder, personPictures, seenScore } from '../src/finders/personFinder';
import { decodeFrames } from '../src/video/decodeFrames';
import { VideoFile } from '../src/video/videoFile';

export type Wanted = 'faces' | 'people';

/** Plain data for the program outside. */
export interface FoundInVideo {
  /** That were looked at. */
  readonly pictures: number;
  readonly milliseconds: number;
  readonly found: readonly {
    readonly seconds: readonly [from: number, until: number];
    readonly pictures: number;
    readonly said: string;
  }[];
  /** Pictures in which something was found. */
  readonly picturesWithAny: number;
  /** PNG files in base64, with what was found drawn on them. */
  readonly stills: readonly { readonly frame: number; readonly png: string }[];
}

type Context = OffscreenCanvasRenderingContext2D;

/** What is drawn of one face or person at the i-th of its frames. */
interface Followed {
  readonly frames: readonly number[];
  readonly said: string;
  readonly draw: (context: Context, at: number) => void;
}

const colours = ['#ff0', '#0ff', '#f0f', '#0f0', '#f80'];
/** Of COCO's points. */
const bones = '0-1 0-2 1-3 2-4 5-6 5-7 7-9 6-8 8-10 5-11 6-12 11-12 11-13 13-15 12-14 14-16'
  .split(' ')
  .map((bone) => bone.split('-').map(Number) as [number, number]);

export async function findIn(url: string, path: string, wanted: Wanted, stillCount: number): Promise<FoundInVideo> {
  const file = await (await fetch(url)).blob();
  using video = await VideoFile.open(file, path);
  const { facts } = video;
  const pictures = wanted === 'faces' ? facePictures(facts) : personPictures(facts);
  // Loading is no part of the time that a picture takes.
  await using finder = wanted === 'faces' ? await FaceFinder.open() : await PersonFinder.open();
  const started = performance.now();
  const followed =
    finder instanceof FaceFinder
      ? (await finder.find(facts, decodeFrames(video, { wanted: pictures }))).map(
          ({ frames, boxes, score }): Followed => ({
            frames,
            said: `score ${score.toFixed(2)}`,
            draw: (context, at) => context.strokeRect(...(boxes.subarray(at * 4, at * 4 + 4) as unknown as Rectangle)),
          }),
        )
      : (await finder.find(facts, decodeFrames(video, { wanted: pictures }))).map(({ frames, points }): Followed => ({
          frames,
          said: `${Math.round(boxOfPoints(points.subarray(0, 51), seenScore, 1)?.height ?? 0)} px tall at first`,
          draw: (context, at) => drawPose(context, points.subarray(at * 51, at * 51 + 51)),
        }));
  const milliseconds = performance.now() - started;
  const some = pictures.filter((_, i) => i % Math.ceil(pictures.length / stillCount) === 0);
  return {
    pictures: pictures.length,
    milliseconds,
    found: followed.map(({ frames, said }) => ({
      seconds: [facts.times[frames[0]!]!, facts.times[frames.at(-1)!]!],
      pictures: frames.length,
      said,
    })),
    picturesWithAny: new Set(followed.flatMap(({ frames }) => frames)).size,
    stills: await drawn(video, some, followed),
  };
}

type Rectangle = [number, number, number, number];

async function drawn(
  video: VideoFile,
  wanted: readonly number[],
  followed: readonly Followed[],
): Promise<FoundInVideo['stills']> {
  const { width, height } = video.facts;
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  const stills: { frame: number; png: string }[] = [];
  for await (const { frame, index } of decodeFrames(video, { wanted })) {
    context.drawImage(frame, 0, 0, width, height);
    frame.close();
    context.lineWidth = 2;
    followed.forEach(({ frames, draw }, i) => {
      context.strokeStyle = context.fillStyle = colours[i % colours.length]!;
      const at = frames.indexOf(index);
      if (at >= 0) draw(context, at);
    });
    const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    stills.push({ frame: index, png: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) });
  }
  return stills;
}

function drawPose(context: Context, points: Float32Array): void {
  const seen = (joint: number): boolean => points[joint * 3 + 2]! >= seenScore;
  for (const [from, to] of bones) {
    if (!seen(from) || !seen(to)) continue;
    context.beginPath();
    context.moveTo(points[from * 3]!, points[from * 3 + 1]!);
    context.lineTo(points[to * 3]!, points[to * 3 + 1]!);
    context.stroke();
  }
}
