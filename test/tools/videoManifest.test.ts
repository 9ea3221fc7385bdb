// The verdict on what a browser made of a video: refusals by the kind of their sentence, frames by their known times.
import { describe, expect, it } from 'vitest';
import type { DecodedFile } from '../../tools/checkVideoPage';
import { faults } from '../../tools/videoManifest';

const decoded: DecodedFile = {
  ...{ milliseconds: 1, times: [], grids: {}, facts: null, notices: [], problem: null, refusal: null },
};
const refused = (code: string) => ({ ...decoded, refusal: { code, message: 'No (a.ts). ffmpeg -i "a.ts"' } });

describe('the verdict on a video', () => {
  const wanted = { file: 'a.ts', video_streams: 1, decoded_frames: 3, expect: 'refuse: video-codec' };

  it('holds a refusal to its kind', () => {
    expect(faults(wanted, refused('video-codec'))).toEqual([]);
    expect(faults(wanted, refused('video-no-index'))).toEqual(['should say video-codec, but says video-no-index']);
  });

  it('holds a remark to its kind', () => {
    const late = { ...wanted, expect: 'video-starts-late' };
    expect(faults(late, { ...decoded, times: [0, 1, 2], notices: ['video-starts-late'] })).toEqual([]);
    expect(faults(late, { ...decoded, times: [0, 1, 2] })[0]).toContain('says nothing');
  });

  it('knows no time where ffmpeg repeats the next one', () => {
    const times = { file: 'a.mkv', video_streams: 1, decoded_frames: 4, pts: [0, 0, 0, 0.04] };
    expect(faults(times, { ...decoded, times: [-0.08, -0.04, 0, 0.04] })).toEqual([]);
    expect(faults(times, { ...decoded, times: [-0.08, -0.04, 0, 0.05] })).toEqual(['frame 3 at 0.05 s, not 0.04']);
  });
});
