// Builds what the view draws from judged pictures: the ones with most to see, as small pictures.
import { boxConfusion, sceneTop1, shownCurves } from './judge';
import type { DetectorDataSettings } from './dataSettings';
import type { ScoredPicture } from './scoredPictures';
import type { DetectorView, ShownPicture } from './viewPayload';

const shownPictures = 12;
const largestSide = 640;
/** A found box counts in the confusion with at least this score. */
const displayScore = 0.5;

/** Pictures are spread over the list, so that each kind of scene has its turn. */
export async function buildView(
  scored: readonly ScoredPicture[],
  classes: readonly string[],
  { stage, classFeatures, nmsThreshold }: DetectorDataSettings,
  confusion?: readonly (readonly number[])[],
): Promise<DetectorView> {
  const count = Math.min(shownPictures, scored.length);
  const chosen = Array.from({ length: count }, (_, k) => scored[Math.floor((k * scored.length) / count)]!);
  const pictures: ShownPicture[] = [];
  for (const { picture, truth, candidates, similarity } of chosen) {
    const { width, height } = picture.video.facts;
    const scale = Math.min(1, largestSide / Math.max(width, height));
    const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
    const still = await picture.video.still(0, size);
    pictures.push({
      ...{ name: picture.path, width, height, truth, found: candidates, similarity },
      still: { ...size, pixels: still.pixels },
    });
  }
  return {
    kind: 'remoteclip-detector',
    ...{ stage, classes, classFeatures, nmsThreshold, pictures },
    sceneTop1: sceneTop1(scored),
    curves: stage === 'detector' ? shownCurves(scored, classes.length) : [],
    confusion: confusion ?? boxConfusion(scored, classes.length, displayScore),
  };
}
