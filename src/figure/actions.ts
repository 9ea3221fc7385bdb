// How made-up people move: joint angles over time for each action, with the habits of one person.
import { standing, type Posture } from './body';

/** Posture and place at a time in seconds; x and z in mm, lift is the height of the lower foot in mm. */
export interface Moment {
  readonly posture: Posture;
  readonly x: number;
  readonly z: number;
  readonly lift: number;
}

export type Action = (seconds: number) => Moment;

type Random = () => number;

const between = (random: Random, low: number, high: number): number => low + (high - low) * random();

/** 0 to 1 and back, smooth, once a turn. */
const pulse = (turn: number): number => 0.5 - 0.5 * Math.cos(2 * Math.PI * turn);

/** A slow wander around 0 of about the given size: three sines whose periods do not meet. */
function wander(random: Random, size: number): (seconds: number) => number {
  const parts = [2.3, 3.7, 6.1].map((period) => ({
    rate: (2 * Math.PI) / (period * between(random, 0.8, 1.25)),
    phase: between(random, 0, 2 * Math.PI),
    size: size * between(random, 0.3, 0.8),
  }));
  return (seconds) => parts.reduce((sum, part) => sum + part.size * Math.sin(part.rate * seconds + part.phase), 0);
}

/** Small movements that nobody can leave off, and a stoop of one's own; added to every action. */
function habits(random: Random): (posture: Posture, seconds: number) => void {
  const [lean, bend, sideBend, twist, nod, look] = [0.03, 0.08, 0.06, 0.12, 0.12, 0.35].map((size) =>
    wander(random, size),
  );
  const arms = [0, 1].map(() => [0.12, 0.06, 0.2, 0.15].map((size) => wander(random, size)));
  const stoop = between(random, -0.02, 0.15);
  return (posture, t) => {
    posture.lean += lean!(t);
    posture.bend += stoop + bend!(t);
    posture.sideBend += sideBend!(t);
    posture.twist += twist!(t);
    posture.nod += nod!(t) + 0.05;
    posture.look += look!(t);
    for (const side of [0, 1] as const) {
      const [forward, out, turn, elbow] = arms[side]!;
      posture.shoulder[side] += forward!(t);
      posture.shoulderOut[side] = Math.max(0.02, posture.shoulderOut[side] + out!(t));
      posture.shoulderTurn[side] += turn!(t);
      posture.elbow[side] = Math.max(0.02, posture.elbow[side] + elbow!(t));
    }
  };
}

interface Gait {
  readonly cadence: number;
  readonly speed: number;
  readonly stride: number;
  readonly swingKnee: number;
  readonly armSwing: number;
  readonly elbow: number;
  readonly lean: number;
  readonly flight: number;
}

/** Along a circle of 0.9 to 1.6 m: one direction for half of the people, the other for the rest. */
function locomotion(random: Random, gait: Gait): Action {
  const radius = between(random, 900, 1600);
  const way = random() < 0.5 ? 1 : -1;
  const start = between(random, 0, 2 * Math.PI);
  const phase = random();
  const asymmetry = between(random, -0.12, 0.12);
  const addHabits = habits(random);
  return (t) => {
    const around = start + (way * gait.speed * t) / radius;
    const turn = t * gait.cadence + phase;
    const posture = standing();
    // On the circle (sin, cos) · radius the way forward is its derivative.
    posture.heading = around + (way * Math.PI) / 2;
    posture.lean = gait.lean;
    posture.tilt = 0.05 * Math.sin(2 * Math.PI * turn) - (way * gait.speed) / radius / 25;
    posture.twist = -0.18 * Math.cos(2 * Math.PI * turn);
    for (const side of [0, 1] as const) {
      const own = turn + side / 2;
      const swing = Math.cos(2 * Math.PI * own);
      const sideways = side === 0 ? 1 + asymmetry : 1 - asymmetry;
      posture.hip[side] = 0.12 * gait.stride + gait.stride * swing * sideways;
      // The knee bends most while its thigh swings forward, and a little under the weight.
      posture.knee[side] = 0.12 + gait.swingKnee * pulse(own - 0.2) ** 2 + 0.15 * pulse(own + 0.4) ** 3;
      posture.shoulder[side] = -gait.armSwing * swing;
      posture.elbow[side] = gait.elbow * (1 - 0.3 * swing);
      posture.shoulderTurn[side] = 0.2;
    }
    addHabits(posture, t);
    const lift = gait.flight * pulse(2 * turn + 0.4) ** 2;
    return { posture, x: radius * Math.sin(around), z: radius * Math.cos(around), lift };
  };
}

function walk(random: Random): Action {
  return locomotion(random, {
    cadence: between(random, 0.75, 1.05),
    speed: between(random, 900, 1400),
    stride: between(random, 0.35, 0.5),
    swingKnee: between(random, 0.7, 0.95),
    armSwing: between(random, 0.25, 0.6),
    elbow: between(random, 0.2, 0.5),
    lean: between(random, 0, 0.08),
    flight: 0,
  });
}

function run(random: Random): Action {
  return locomotion(random, {
    cadence: between(random, 1.2, 1.45),
    speed: between(random, 2200, 3000),
    stride: between(random, 0.5, 0.68),
    swingKnee: between(random, 1.25, 1.6),
    armSwing: between(random, 0.6, 0.9),
    elbow: between(random, 1.2, 1.6),
    lean: between(random, 0.12, 0.25),
    flight: between(random, 60, 110),
  });
}

/** Shoulder over one jump: back in the crouch, high in the leap, down again. */
function armSwing(share: number): number {
  const keys = [
    [0, 0],
    [0.25, -0.8],
    [0.52, 2.4],
    [0.68, 2],
    [1, 0],
  ] as const;
  const next = keys.findIndex(([time]) => share < time);
  const [endTime, end] = keys[next] ?? [1, 0];
  const [startTime, start] = keys[next - 1] ?? [0, 0];
  return start + (end - start) * pulse((share - startTime) / (endTime - startTime) / 2);
}

/** Crouch, leap and land again and again, turning a little in each leap. */
function jump(random: Random): Action {
  const period = between(random, 1.5, 2.1);
  const height = between(random, 180, 380);
  const depth = between(random, 0.9, 1.4);
  const turnEach = between(random, -1.2, 1.2);
  const spread = between(random, 0, 0.3);
  const heading = between(random, 0, 2 * Math.PI);
  const addHabits = habits(random);
  return (t) => {
    const turn = t / period;
    const share = turn - Math.floor(turn);
    // 0 to 0.45 crouch, 0.45 to 0.7 in the air, 0.7 to 1 land and rise.
    const flight = share > 0.45 && share < 0.7 ? (share - 0.45) / 0.25 : share >= 0.7 ? 1 : 0;
    const crouch = share < 0.45 ? pulse(share / 0.45) : share > 0.7 ? 0.7 * pulse((share - 0.7) / 0.3) : 0;
    const air = 4 * flight * (1 - flight);
    const posture = standing();
    posture.heading = heading + turnEach * (Math.floor(turn) + flight);
    posture.lean = 0.45 * crouch;
    posture.bend = 0.35 * crouch;
    for (const side of [0, 1] as const) {
      posture.knee[side] = 0.1 + depth * 1.2 * crouch + 0.5 * air;
      posture.hip[side] = depth * 1.0 * crouch + 0.25 * air;
      posture.hipOut[side] = 0.06 + spread * air;
      posture.shoulder[side] = armSwing(share);
      posture.shoulderOut[side] = 0.15 + spread * air;
      posture.elbow[side] = 0.3 + 0.3 * crouch;
    }
    addHabits(posture, t);
    return { posture, x: 0, z: 0, lift: height * air };
  };
}

/** Stands, shifts its weight and waves with one arm or both, turning slowly on the spot. */
function wave(random: Random): Action {
  const rate = between(random, 0.7, 1.5);
  const heading = between(random, 0, 2 * Math.PI);
  const spin = between(random, -0.5, 0.5);
  const raised: [number, number] = [random(), random()];
  const main = random() < 0.5 ? 0 : 1;
  raised[main] = 1;
  const high = between(random, 1.5, 2.5);
  const sway = wander(random, 0.08);
  const change = between(random, 3, 5);
  const addHabits = habits(random);
  return (t) => {
    const posture = standing();
    const weight = sway(t);
    posture.heading = heading + spin * t;
    posture.tilt = weight;
    posture.sideBend = -weight;
    for (const side of [0, 1] as const) {
      const up = side === main ? pulse(t / (2 * change) + 0.25) : raised[side] * pulse(t / (2 * change));
      const beat = Math.sin(2 * Math.PI * rate * t + side);
      posture.shoulderOut[side] = 0.12 + up * (high - 0.12);
      posture.shoulder[side] = 0.35 * up;
      posture.shoulderTurn[side] = up * (0.5 + 0.5 * beat);
      posture.elbow[side] = 0.25 + up * (0.9 + 0.6 * beat);
      posture.hip[side] = 0.06 + Math.abs(weight);
      posture.knee[side] = 0.12 + 2 * Math.abs(weight);
    }
    addHabits(posture, t);
    return { posture, x: 400 * weight, z: 0, lift: 0 };
  };
}

/** Down and up, the arms stretched forward, to the side or behind the head. */
function squat(random: Random): Action {
  const period = between(random, 1.8, 3);
  const depth = between(random, 1.5, 2.1);
  const stance = between(random, 0.05, 0.35);
  const heading = between(random, 0, 2 * Math.PI);
  const spin = between(random, -0.35, 0.35);
  const style = Math.floor(random() * 3);
  const addHabits = habits(random);
  return (t) => {
    const down = pulse(t / period);
    const posture = standing();
    posture.heading = heading + spin * t;
    posture.lean = 0.5 * down;
    posture.bend = 0.25 * down;
    posture.nod = -0.35 * down;
    for (const side of [0, 1] as const) {
      posture.knee[side] = 0.1 + depth * down;
      posture.hip[side] = 0.05 + (0.5 + 0.55 * depth) * down;
      posture.hipOut[side] = stance;
      posture.shoulder[side] = style === 0 ? 0.2 + 1.3 * down : style === 1 ? 0.2 : 0.4;
      posture.shoulderOut[side] = style === 0 ? 0.15 : style === 1 ? 0.3 + 1.2 * down : 2;
      posture.shoulderTurn[side] = style === 2 ? 1.2 : 0;
      posture.elbow[side] = style === 2 ? 2 : 0.25;
    }
    addHabits(posture, t);
    return { posture, x: 0, z: 0, lift: 0 };
  };
}

/** Bends down from the hips, arms hanging, stays there and comes up again. */
export function bow(random: Random): Action {
  const period = between(random, 1.8, 2.8);
  const depth = between(random, 0.8, 1.1);
  const heading = between(random, 0, 2 * Math.PI);
  const addHabits = habits(random);
  return (t) => {
    const down = Math.min(1, 1.6 * pulse(t / period));
    const posture = standing();
    posture.heading = heading;
    posture.lean = 0.75 * depth * down;
    posture.bend = 0.35 * depth * down;
    for (const side of [0, 1] as const) {
      // Legs stay upright under a leaning pelvis, and arms hang from a leaning trunk.
      posture.hip[side] = 0.04 + 0.65 * depth * down;
      posture.shoulder[side] = 1.3 * depth * down;
    }
    addHabits(posture, t);
    return { posture, x: 0, z: 0, lift: 0 };
  };
}

/** Stands and shifts its weight, arms hanging: what a person does between actions. */
export function stand(random: Random): Action {
  const sway = wander(random, 0.05);
  const addHabits = habits(random);
  return (t) => {
    const posture = standing();
    const weight = sway(t);
    posture.tilt = weight;
    posture.sideBend = -weight;
    for (const side of [0, 1] as const) {
      posture.hip[side] = 0.04 + Math.abs(weight);
      posture.knee[side] = 0.1 + 2 * Math.abs(weight);
    }
    addHabits(posture, t);
    return { posture, x: 0, z: 0, lift: 0 };
  };
}

/** Makes one person's version of an action. */
export type MakeAction = (random: () => number) => Action;

/** What people of the demos do. */
export const actions = { walk, run, jump, wave, squat } as const satisfies Record<string, MakeAction>;
