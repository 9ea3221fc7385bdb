// Files of two sample entries: what changes in mid-file is decoded with its own parameters, at its own size.
import { describe, expect, it } from 'vitest';
import { decodeFrames } from '../../src/video/decodeFrames';
import { VideoFile } from '../../src/video/videoFile';
import { levelIn, levelOf, makeClip } from './clip';
import { joinClips, type JoinedAs } from './joinedClips';

const small = { width: 64, height: 48 };
const large = { width: 128, height: 96 };
const frames = 12;

async function decoded(file: Blob, wanted?: readonly number[]) {
  using video = await VideoFile.open(file, 'joined.mp4');
  const seen: [index: number, width: number, isRight: boolean][] = [];
  const problems: string[] = [];
  const onProblem = ({ message }: { message: string }) => problems.push(message);
  for await (const { index, frame } of decodeFrames(video, { ...(wanted && { wanted }), onProblem })) {
    const isRight = Math.abs((await levelIn(frame)) - levelOf(index % frames)) < 8;
    seen.push([index, frame.displayWidth, isRight]);
    frame.close();
  }
  return { facts: video.facts, seen, problems };
}

describe('a second sample entry', () => {
  it.each<readonly [codec: 'avc' | 'vp8' | 'vp9' | 'av1', as: JoinedAs]>([
    ['avc', 'plain'],
    ['avc', 'fragments'],
    ['avc', 'in the stream'],
    ['vp9', 'plain'],
    ['vp9', 'fragments'],
    ['av1', 'plain'],
    ['av1', 'fragments'],
  ])('of %s, %s, costs no frame', async (codec, as) => {
    const clips = await Promise.all([small, large].map((size) => makeClip({ frames, codec, ...size })));
    const joined = await joinClips(clips, as);
    const { facts, seen, problems } = await decoded(joined);
    expect([facts.width, facts.height, facts.times.length, problems]).toEqual([64, 48, 2 * frames, []]);
    expect(seen).toEqual(Array.from({ length: 2 * frames }, (_, i) => [i, i < frames ? 64 : 128, true]));
    expect((await decoded(joined, [3, 20])).seen).toEqual([
      [3, 64, true],
      [20, 128, true],
    ]);
  });

  it('of another codec is decoded as well', async () => {
    const clips = [
      await makeClip({ frames, codec: 'vp9', ...small }),
      await makeClip({ frames, codec: 'av1', ...large }),
    ];
    const { seen } = await decoded(await joinClips(clips, 'plain'));
    expect(seen.filter(([, , isRight]) => isRight)).toHaveLength(2 * frames);
  });
});
