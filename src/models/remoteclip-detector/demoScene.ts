// A scene of the demo from above: a ground with a texture, and what stands on it with the boxes around it.
import type { LabelledBox } from '../../annotations/boxes';
import { CounterRandom } from '../../samples/random';

/** Names as DIOR has them. */
export const demoClasses = ['airplane', 'ship', 'storagetank', 'tenniscourt', 'vehicle'] as const;
type DemoClass = (typeof demoClasses)[number];

export interface DemoScene {
  readonly side: number;
  /** Red, green, blue and 255, row by row. */
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  /** What the scene is of comes first. */
  readonly boxes: readonly LabelledBox[];
}

type Colour = readonly [number, number, number];

/** A rectangle or an ellipse about a centre, its length along `angle`. */
interface Shape {
  readonly x: number;
  readonly y: number;
  readonly length: number;
  readonly width: number;
  readonly angle: number;
  readonly round?: boolean;
}

const stream = 17;

class SceneCanvas {
  readonly side: number;
  readonly pixels: Uint8ClampedArray<ArrayBuffer>;
  readonly boxes: LabelledBox[] = [];
  readonly #random: CounterRandom;

  constructor(side: number, seed: number) {
    this.side = side;
    this.pixels = new Uint8ClampedArray(side * side * 4).fill(255);
    this.#random = new CounterRandom(seed, stream, 0);
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.#random.next();
  }

  oneOf<T>(list: readonly T[]): T {
    return list[this.#random.below(list.length)]!;
  }

  /** A colour with patches of light and dark as wide as `patch` pixels. */
  ground(colour: Colour, patch: number, contrast: number): void {
    const cells = Math.ceil(this.side / patch) + 2;
    const values = Float32Array.from({ length: cells * cells }, () => this.between(-contrast, contrast));
    for (let y = 0; y < this.side; y++) {
      for (let x = 0; x < this.side; x++) {
        const [across, down] = [x / patch, y / patch];
        const [column, row] = [Math.floor(across), Math.floor(down)];
        const at = (r: number, c: number): number => values[(row + r) * cells + column + c]!;
        const [u, v] = [across - column, down - row];
        const light =
          (at(0, 0) * (1 - u) + at(0, 1) * u) * (1 - v) + (at(1, 0) * (1 - u) + at(1, 1) * u) * v + this.between(-7, 7);
        for (let c = 0; c < 3; c++) this.pixels[(y * this.side + x) * 4 + c] = colour[c]! + light;
      }
    }
  }

  /** Paints a shape with edges one pixel soft. */
  paint(shape: Shape, colour: Colour): void {
    const [cos, sin] = [Math.cos(shape.angle), Math.sin(shape.angle)];
    const reach = Math.hypot(shape.length, shape.width) / 2 + 1;
    const from = (centre: number): number => Math.max(0, Math.floor(centre - reach));
    const to = (centre: number): number => Math.min(this.side - 1, Math.ceil(centre + reach));
    for (let y = from(shape.y); y <= to(shape.y); y++) {
      for (let x = from(shape.x); x <= to(shape.x); x++) {
        const [dx, dy] = [x + 0.5 - shape.x, y + 0.5 - shape.y];
        const along = Math.abs(dx * cos + dy * sin);
        const across = Math.abs(dy * cos - dx * sin);
        const inside = shape.round
          ? (1 - Math.hypot((2 * along) / shape.length, (2 * across) / shape.width)) * (shape.width / 2)
          : Math.min(shape.length / 2 - along, shape.width / 2 - across);
        const cover = Math.min(1, Math.max(0, inside + 0.5));
        const at = (y * this.side + x) * 4;
        for (let c = 0; c < 3; c++) this.pixels[at + c] = this.pixels[at + c]! * (1 - cover) + colour[c]! * cover;
      }
    }
  }

  /** Notes the box around some shapes that are one thing; half of it at least must lie in the scene. */
  note(label: DemoClass, shapes: readonly Shape[]): void {
    const ends = shapes.map(({ x, y, length, width, angle, round }) => {
      const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
      const half = (a: number, b: number): number =>
        (round ? Math.hypot(length * a, width * b) : length * a + width * b) / 2;
      return [x - half(cos, sin), y - half(sin, cos), x + half(cos, sin), y + half(sin, cos)] as const;
    });
    const edge = (k: 0 | 1 | 2 | 3, of: (...values: number[]) => number): number =>
      Math.min(this.side, Math.max(0, of(...ends.map((one) => one[k]))));
    const box = { x0: edge(0, Math.min), y0: edge(1, Math.min), x1: edge(2, Math.max), y1: edge(3, Math.max) };
    this.boxes.push({ label, ...box, difficult: false, truncated: false });
  }

  /** Places `count` things of a size apart from each other and from what is there, and says where. */
  apart(count: number, size: number, free: (x: number, y: number) => boolean = () => true): [number, number][] {
    const places: [number, number][] = [];
    const taken = this.boxes.map(({ x0, y0, x1, y1 }) => [(x0 + x1) / 2, (y0 + y1) / 2, Math.max(x1 - x0, y1 - y0)]);
    for (let tries = 0; tries < 200 && places.length < count; tries++) {
      const [x, y] = [this.between(size / 2, this.side - size / 2), this.between(size / 2, this.side - size / 2)];
      const clear =
        places.every(([a, b]) => Math.max(Math.abs(x - a), Math.abs(y - b)) > size) &&
        taken.every(([a, b, s]) => Math.max(Math.abs(x - a!), Math.abs(y - b!)) > (size + s!) / 2);
      if (clear && free(x, y)) places.push([x, y]);
    }
    return places;
  }
}

const paints: readonly Colour[] = [
  [225, 225, 228],
  [190, 30, 35],
  [40, 70, 170],
  [235, 190, 40],
  [45, 48, 52],
];

function vehicle(canvas: SceneCanvas, x: number, y: number, angle: number): void {
  const body = { x, y, length: canvas.between(13, 17), width: canvas.between(6, 8), angle };
  canvas.paint({ ...body, x: x + 1.5, y: y + 1.5 }, [40, 42, 44]);
  canvas.paint(body, canvas.oneOf(paints));
  canvas.paint({ ...body, length: 3, width: body.width - 2 }, [60, 75, 90]);
  canvas.note('vehicle', [body]);
}

function road(canvas: SceneCanvas): void {
  canvas.ground(
    canvas.oneOf<Colour>([
      [92, 118, 70],
      [140, 130, 95],
      [118, 122, 112],
    ]),
    14,
    18,
  );
  const upright = canvas.between(0, 1) < 0.5;
  const angle = upright ? Math.PI / 2 : 0;
  const centre = canvas.between(30, canvas.side - 30);
  const middle = canvas.side / 2;
  const along = (offset: number): { x: number; y: number } =>
    upright ? { x: centre + offset, y: middle } : { x: middle, y: centre + offset };
  canvas.paint({ ...along(0), length: 2 * canvas.side, width: 34, angle }, [98, 98, 102]);
  for (let dash = 4; dash < canvas.side; dash += 14)
    canvas.paint(
      { x: upright ? centre : dash, y: upright ? dash : centre, length: 6, width: 1.5, angle },
      [215, 215, 205],
    );
  for (const lane of [-9, 9]) {
    for (let at = canvas.between(10, 26); at < canvas.side - 9; at += canvas.between(22, 44)) {
      const [x, y] = upright ? [centre + lane, at] : [at, centre + lane];
      vehicle(canvas, x, y, angle + canvas.between(-0.06, 0.06));
    }
  }
}

function harbour(canvas: SceneCanvas): void {
  canvas.ground(
    canvas.oneOf<Colour>([
      [38, 70, 98],
      [52, 92, 100],
      [30, 55, 80],
    ]),
    20,
    9,
  );
  for (const [x, y] of canvas.apart(1 + Math.floor(canvas.between(1, 4)), 30)) {
    const angle = canvas.between(0, Math.PI);
    const length = canvas.between(20, 28);
    const hull = { x, y, length, width: length / 3.2, angle, round: true };
    canvas.paint(
      hull,
      canvas.oneOf<Colour>([
        [215, 210, 205],
        [150, 60, 50],
        [70, 75, 85],
      ]),
    );
    canvas.paint({ ...hull, length: length / 2.5, width: length / 6, round: false }, [235, 235, 230]);
    canvas.note('ship', [hull]);
  }
}

function courts(canvas: SceneCanvas): void {
  canvas.ground([104, 126, 84], 12, 16);
  const angle = canvas.between(-0.3, 0.3) + (canvas.between(0, 1) < 0.5 ? 0 : Math.PI / 2);
  for (const [x, y] of canvas.apart(1 + Math.floor(canvas.between(0, 3)), 38)) {
    const court = { x, y, length: canvas.between(30, 36), width: canvas.between(16, 19), angle };
    const inner = { ...court, length: court.length - 8, width: court.width - 6 };
    canvas.paint(
      court,
      canvas.oneOf<Colour>([
        [60, 120, 90],
        [165, 85, 65],
        [60, 95, 150],
      ]),
    );
    canvas.paint(inner, [230, 230, 225]);
    canvas.paint({ ...inner, length: inner.length - 2, width: inner.width - 2 }, [80, 130, 105]);
    canvas.paint({ ...inner, length: 1.2 }, [235, 235, 235]);
    canvas.note('tenniscourt', [court]);
  }
  for (const [x, y] of canvas.apart(Math.floor(canvas.between(0, 3)), 20))
    vehicle(canvas, x, y, canvas.oneOf([0, Math.PI / 2]));
}

function tanks(canvas: SceneCanvas): void {
  canvas.ground([150, 142, 125], 16, 14);
  for (const [x, y] of canvas.apart(2 + Math.floor(canvas.between(0, 4)), 28)) {
    const size = canvas.between(16, 26);
    const tank = { x, y, length: size, width: size, angle: 0, round: true };
    canvas.paint({ ...tank, x: x + 2.5, y: y + 2.5 }, [80, 76, 70]);
    canvas.paint(
      tank,
      canvas.oneOf<Colour>([
        [228, 226, 220],
        [196, 190, 180],
        [170, 180, 185],
      ]),
    );
    canvas.paint({ ...tank, length: 3, width: 3 }, [120, 118, 112]);
    canvas.note('storagetank', [tank]);
  }
  for (const [x, y] of canvas.apart(Math.floor(canvas.between(0, 2)), 20))
    vehicle(canvas, x, y, canvas.between(0, Math.PI));
}

function apron(canvas: SceneCanvas): void {
  canvas.ground([168, 168, 164], 22, 8);
  for (const [x, y] of canvas.apart(1 + Math.floor(canvas.between(0, 3)), 36)) {
    const angle = canvas.between(0, 2 * Math.PI);
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const length = canvas.between(26, 34);
    const at = (share: number): { x: number; y: number } => ({
      x: x + cos * length * share,
      y: y + sin * length * share,
    });
    const colour = canvas.oneOf<Colour>([
      [240, 240, 242],
      [205, 215, 230],
    ]);
    const body = { x, y, length, width: length / 8, angle, round: true };
    const wing = { ...at(0.03), length: length * 0.9, width: length / 7, angle: angle + Math.PI / 2 };
    canvas.paint({ ...body, x: x + 2, y: y + 2 }, [120, 120, 118]);
    canvas.paint({ ...wing, x: wing.x + 2, y: wing.y + 2 }, [120, 120, 118]);
    canvas.paint(wing, colour);
    canvas.paint(body, colour);
    canvas.paint({ ...at(-0.42), length: length * 0.34, width: length / 10, angle: wing.angle }, [190, 60, 60]);
    canvas.note('airplane', [body, wing]);
  }
}

const themes = [road, harbour, courts, tanks, apron] as const;

/** Number `seed` of all scenes: the kinds take turns. */
export function demoScene(seed: number, side = 96): DemoScene {
  const canvas = new SceneCanvas(side, seed);
  themes[seed % themes.length]!(canvas);
  return { side, pixels: canvas.pixels, boxes: canvas.boxes };
}
