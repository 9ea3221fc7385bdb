// Scenes that are shown while a demo is prepared: every model that has some draws something, and not always the same.
import { describe, expect, it } from 'vitest';
import type { Preview } from '../../src/ui/player/draw';

const previews = import.meta.glob<{ preview: Preview }>('../../src/models/*/preview.ts', { eager: true });
const side = 64;

/** The bytes of a frame on a canvas of one colour. */
function drawn(scene: ReturnType<Preview[number]>, frame: number): Uint8ClampedArray {
  const context = Object.assign(document.createElement('canvas'), { width: side, height: side }).getContext('2d')!;
  scene.draw(frame)(context, side, side, () => '#0a0');
  return context.getImageData(0, 0, side, side).data;
}

describe.each(Object.entries(previews))('%s', (_, { preview }) => {
  it('draws four scenes that move', () => {
    expect(preview.length).toBe(4);
    for (const make of preview) {
      const scene = make();
      const first = drawn(scene, 0);
      expect(new Set(first).size).toBeGreaterThan(2);
      const frames = Array.from({ length: scene.frames }, (_, frame) => drawn(scene, frame));
      expect(frames.some((frame) => frame.some((value, i) => value !== first[i]))).toBe(true);
      expect(drawn(scene, 0)).toEqual(first);
    }
  });
});
