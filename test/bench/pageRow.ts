// Entry of the worker that measures one row in a browser: a request comes in as a message, the answer goes out as one.
import type { Request } from './protocol';
import { answer } from './row';

addEventListener('message', ({ data }: MessageEvent<Request>) => {
  void answer(data).then((result) => postMessage(result));
});
