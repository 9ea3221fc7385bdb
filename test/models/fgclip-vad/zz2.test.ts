import { it } from 'vitest';
import { writeFileSync } from 'node:fs';
import { demoVideos } from '/work/wt/fgclip/src/models/fgclip-vad/demoVideos';
import { drawSquare } from '/work/wt/fgclip/src/models/fgclip-vad/demoScene';
it('draws', () => {
  const vs = demoVideos(); const pick = [0, 1, 16, 17, 24, 25, 32, 33];
  const W = 96 * 4, H = 96 * 4; const out = new Uint8Array(W * H * 3);
  pick.forEach((n, i) => [0.35, 0.65].forEach((s, j) => {
    const v = vs[n]!; const px = new Uint8ClampedArray(96 * 96 * 4);
    const f = v.place ? Math.floor(v.place.start + (v.place.end - v.place.start) * s) : Math.floor(48 * s);
    drawSquare(v.scene, v.place, { frame: f, seconds: f / 8, side: 96 }, px);
    const k = i * 2 + j; const ox = (k % 4) * 96, oy = Math.floor(k / 4) * 96;
    for (let y = 0; y < 96; y++) for (let x = 0; x < 96; x++) for (let c = 0; c < 3; c++) out[((oy + y) * W + ox + x) * 3 + c] = px[(y * 96 + x) * 4 + c]!;
  }));
  writeFileSync('/tmp/demo.ppm', Buffer.concat([Buffer.from(`P6 ${W} ${H} 255\n`), out]));
});
