// What happens in a video of the demo: the joints of its person in every frame, and the camera that follows them.
import { stand, type Action as Movement } from '../../figure/actions';
import { blendPostures } from '../../figure/blend';
import { placeJoints } from '../../figure/body';
import { cameraAt, type Camera } from '../../figure/camera';
import { makeBody } from '../../figure/motion';
import { seededRandom } from '../../samples/seededRandom';
import { demoActions, type DemoVideo } from './demoVideos';

export interface DemoScene {
  /** [frames, 17, 3] in mm, world axes, Y up. */
  readonly world: Float32Array;
  /** One for each frame. */
  readonly cameras: readonly Camera[];
}

/** From standing into an action and back; half of it lies on either side of the labelled ends. */
const BLEND_SECONDS = 0.3;
/** How long the camera takes to come after. */
const FOLLOW_SECONDS = 0.5;
const TARGET_HEIGHT = 980;
/** Millimetres that the picture shows at the person's distance. */
const VIEW_MILLIMETRES = 2200;
/** Largest angle between where the person looks and the camera. */
const LARGEST_ASIDE = 0.5;
/** How long somebody takes to turn back to the camera. */
const TURN_SECONDS = 0.5;

/** The same scene for the same video, up to rounding of sines. */
export function makeScene(video: DemoVideo): DemoScene {
  const { frames, framesPerSecond } = video;
  const person = seededRandom(video.personSeed);
  const body = makeBody(person);
  const idle = stand(person);
  const random = seededRandom(video.seed + 1);
  const world = new Float32Array(frames * 51);
  const yaw = 2 * Math.PI * random();
  const facing = yaw + LARGEST_ASIDE * (2 * random() - 1);
  const place = { x: 0, z: 0, heading: facing };
  const parts = video.actions.map(({ segment: [start, end], label }) => ({
    ...{ start, end },
    // A person's own way: the same seed for the same action in all their videos.
    move: demoActions[label]!(seededRandom(video.personSeed + 31 * label.length + label.charCodeAt(0))),
    phase: 0.3 * random(),
  }));
  let next = 0;
  for (let frame = 0; frame < frames; frame++) {
    const t = frame / framesPerSecond;
    const resting = idle(t);
    let part = parts[next];
    if (part && t >= part.end + BLEND_SECONDS / 2) {
      const last = moved(place, part.move, part.phase, part.end - part.start);
      Object.assign(place, last);
      part = parts[++next];
    }
    const share = part ? weight(t, part.start, part.end) : 0;
    if (!part || share === 0) {
      place.heading += turned(facing - place.heading, framesPerSecond);
      resting.posture.heading = place.heading;
      placeJoints(body, resting.posture, place.x, place.z, 0, world, frame * 51);
      continue;
    }
    const since = Math.min(Math.max(t, part.start), part.end) - part.start;
    const { posture, lift } = part.move(part.phase + since);
    const now = moved(place, part.move, part.phase, since);
    posture.heading = now.heading;
    placeJoints(body, blendPostures(resting.posture, posture, share), now.x, now.z, share * lift, world, frame * 51);
  }
  return { world, cameras: follow(world, video, yaw, random) };
}

/** 0 while the person stands, 1 within the action. */
function weight(t: number, start: number, end: number): number {
  const rise = Math.min(1, Math.max(0, (t - start) / BLEND_SECONDS + 0.5));
  const fall = Math.min(1, Math.max(0, (end - t) / BLEND_SECONDS + 0.5));
  const share = Math.min(rise, fall);
  return share * share * (3 - 2 * share);
}

/** What is turned in a frame of an angle that is left, the shorter way round. */
function turned(left: number, framesPerSecond: number): number {
  const shorter = Math.atan2(Math.sin(left), Math.cos(left));
  const most = Math.PI / TURN_SECONDS / framesPerSecond;
  return Math.max(-most, Math.min(most, shorter));
}

interface Place {
  readonly x: number;
  readonly z: number;
  readonly heading: number;
}

/** Where an action that was begun at `from` has led after some seconds. */
function moved(from: Place, move: Movement, phase: number, seconds: number): Place {
  const [first, now] = [move(phase), move(phase + seconds)];
  const turn = from.heading - first.posture.heading;
  const [x, z] = [now.x - first.x, now.z - first.z];
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  return { x: from.x + cos * x + sin * z, z: from.z - sin * x + cos * z, heading: now.posture.heading + turn };
}

/** A camera of one direction and distance, before which people act, that comes after the person with some lag. */
function follow(world: Float32Array, video: DemoVideo, yaw: number, random: () => number): Camera[] {
  const { side, frames, framesPerSecond } = video;
  const pitch = 0.06 + 0.14 * random();
  const distance = 4200 + 1600 * random();
  const focal = (side * distance) / (VIEW_MILLIMETRES * (0.95 + 0.15 * random()));
  const lens = { fx: focal, fy: focal, cx: side / 2, cy: side / 2, width: side, height: side };
  const share = 1 - Math.exp(-1 / (framesPerSecond * FOLLOW_SECONDS));
  let [x, z] = [world[0]!, world[2]!];
  return Array.from({ length: frames }, (_, frame) => {
    x += share * (world[frame * 51]! - x);
    z += share * (world[frame * 51 + 2]! - z);
    return cameraAt(yaw, pitch, distance, [x, TARGET_HEIGHT, z], lens);
  });
}
