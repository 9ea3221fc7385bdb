// What a recorded result keeps of the view: all scores, pictures of a few videos.
import type { MntsmView } from './viewPayload';

const pictured = 4;
const picturesEach = 2;

export function excerpt({ videos, ...view }: MntsmView): MntsmView {
  return {
    ...view,
    videos: videos.map((video, at) => ({ ...video, stills: at < pictured ? video.stills.slice(0, picturesEach) : [] })),
  };
}
