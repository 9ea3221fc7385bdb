// Made-up results of a pose run: walking figures whose prediction comes closer to the truth with training.
import type { FakeView } from '../../ui/fakeView/fakeView';
import type { PoseView } from '../../../src/models/pose/viewPayload';

const joints = 17;
const frames = 90;
const actions = ['Walking', 'Waving', 'Jumping'];

/** A stick figure in mm, x right, y down, z away, hip at the origin, turned by `yaw`. */
function figure(action: string, seconds: number, yaw: number): number[] {
  const swing = Math.sin(2 * Math.PI * seconds);
  const wave = action === 'Waving' ? 1 : 0;
  const hop = action === 'Jumping' ? Math.abs(Math.sin(2 * Math.PI * seconds)) : 0;
  const leg = (side: number) => {
    const angle = 0.5 * swing * side;
    const bend = 0.35 * Math.max(0, -swing * side) + 0.6 * hop;
    const knee = [side * 130, 425 * Math.cos(angle + hop * 0.3), -425 * Math.sin(angle + hop * 0.3)];
    const ankle = [side * 130, knee[1]! + 407 * Math.cos(angle - bend), knee[2]! - 407 * Math.sin(angle - bend)];
    return [[side * 130, 0, 0], knee, ankle];
  };
  const arm = (side: number) => {
    const angle = -0.5 * swing * side;
    const lift = side > 0 ? wave * 2.4 : 0;
    const elbow = [side * (160 + 200 * Math.sin(lift)), -470 + 270 * Math.cos(angle + lift), -270 * Math.sin(angle)];
    const wrist = [
      elbow[0]! + side * wave * 150 * Math.sin(6 * Math.PI * seconds),
      elbow[1]! + 240 * Math.cos(angle + lift * 1.2) - 60 * hop,
      elbow[2]! - 240 * Math.sin(angle + 0.3),
    ];
    return [[side * 160, -470, 0], elbow, wrist];
  };
  const body = [
    [0, 0, 0],
    ...leg(-1),
    ...leg(1),
    [0, -250, 10],
    [0, -490, 0],
    [0, -560, -40],
    [0, -700, -10],
    ...arm(1),
    ...arm(-1),
  ];
  return body.flatMap(([x, y, z]) => [
    x! * Math.cos(yaw) + z! * Math.sin(yaw),
    y!,
    -x! * Math.sin(yaw) + z! * Math.cos(yaw),
  ]);
}

/** `error` in mm says how far predictions are off. */
function fakePoseView(error: number): PoseView {
  const sequences = actions.map((action, index) => {
    const yaw = 0.4 + index;
    const truth = Float32Array.from(
      Array.from({ length: frames }, (_, frame) => figure(action, frame / 50, yaw)).flat(),
    );
    const prediction = truth.map(
      (value, i) => value + error * Math.sin(i * 1.7 + Math.floor(i / 51) * 0.05) * (0.4 + ((i % 51) / 51) * 0.9),
    );
    const input = new Float32Array(frames * joints * 2);
    for (let i = 0; i < frames * joints; i++) {
      const depth = 4500 + truth[i * 3 + 2]!;
      input[i * 2] = (truth[i * 3]! / depth) * 2.3;
      input[i * 2 + 1] = (truth[i * 3 + 1]! / depth) * 2.3;
    }
    const frameP1 = Float32Array.from(
      { length: frames },
      (_, frame) => error * (0.9 + 0.3 * Math.sin(frame / 9 + index)),
    );
    const camera = `camera ${index + 1}`;
    const size = { width: 1000, height: 1000, frameRate: 50, frames };
    return {
      name: `made-${index + 1}`,
      action,
      subject: 'S9',
      camera,
      cameraYaw: yaw,
      ...size,
      input,
      prediction,
      truth,
      frameP1,
    };
  });
  const worst = Array.from({ length: 10 }, (_, rank) => ({
    name: `made-${rank + 1}`,
    action: actions[rank % 3]!,
    camera: `camera ${1 + (rank % 4)}`,
    firstFrame: rank * 9,
    frames: 9,
    p1: error * (2 - rank * 0.08),
    sequence: rank < 3 ? rank : -1,
  }));
  return { kind: 'pose', sequences, worst };
}

export const fake: FakeView = { viewAt: (skill) => fakePoseView(210 - 172 * skill) };
