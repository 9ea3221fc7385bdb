// What a recorded result keeps of the view: a few pictures, with what was found in them with some certainty.
import type { DetectorView } from './viewPayload';

const kept = 3;
const leastScore = 0.02;

export function excerpt({ pictures, ...view }: DetectorView): DetectorView {
  const shown = pictures.slice(0, kept).map((picture) => ({
    ...picture,
    found: picture.found.filter(({ score }) => score >= leastScore),
  }));
  return { ...view, pictures: shown };
}
