// Turns points in space into points on a canvas: an orbiting camera with a mild perspective.
import type { Projected } from '../../figure/drawSkeleton';

export interface Orbit {
  /** Radians around the vertical axis; 0 looks along +z, as the camera that took the clip. */
  readonly yaw: number;
  /** Radians above the horizon; positive looks down. */
  readonly pitch: number;
}

export interface Viewport {
  readonly width: number;
  readonly height: number;
  /** Pixels per unit at the centre. */
  readonly scale: number;
  /** Where the centre of the orbit lands, as a share of the canvas's height. */
  readonly centreY?: number;
  /** Distance of the eye in the points' unit; Infinity gives a parallel projection. */
  readonly distance: number;
}

/** Right, down, away. */
export type Point = readonly [number, number, number];

const limitPitch = Math.PI / 2;

export const orbitPresets = {
  front: { yaw: 0, pitch: 0 },
  side: { yaw: Math.PI / 2, pitch: 0 },
  top: { yaw: 0, pitch: limitPitch },
} as const satisfies Record<string, Orbit>;

/** Input axes as in images: x right, y down, z away from the camera. */
export function project(point: Point, orbit: Orbit, viewport: Viewport): Projected {
  const [x, y, z] = point;
  const sinYaw = Math.sin(orbit.yaw);
  const cosYaw = Math.cos(orbit.yaw);
  const right = x * cosYaw - z * sinYaw;
  const away = x * sinYaw + z * cosYaw;
  const sinPitch = Math.sin(orbit.pitch);
  const cosPitch = Math.cos(orbit.pitch);
  const down = y * cosPitch - away * sinPitch;
  const depth = y * sinPitch + away * cosPitch;
  const perspective = viewport.distance === Infinity ? 1 : viewport.distance / (viewport.distance + depth);
  return {
    x: viewport.width / 2 + right * viewport.scale * perspective,
    y: viewport.height * (viewport.centreY ?? 0.5) + down * viewport.scale * perspective,
    depth,
  };
}

/** Turns the orbit by a drag or an arrow key; pitch stops at straight up and down. */
export function turn(orbit: Orbit, yaw: number, pitch: number): Orbit {
  const turned = (orbit.yaw + yaw) % (2 * Math.PI);
  return { yaw: turned, pitch: Math.min(limitPitch, Math.max(-limitPitch, orbit.pitch + pitch)) };
}
