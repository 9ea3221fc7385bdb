// A decode worker: video files in, frames out, transferred and never copied.
import { expose, transfer } from 'comlink';
import { DecodeService, type DecodeApi } from '../src/video/decodeService';
import { installWorkerErrors } from '../src/workerErrors';

installWorkerErrors();

const service = new DecodeService();

const api: DecodeApi = {
  open: (file, path) => service.open(file, path),
  decode: (video, wanted) => service.decode(video, wanted),
  read: async (stream, count) => {
    const handful = await service.read(stream, count);
    return transfer(
      handful,
      handful.frames.map(({ frame }) => frame),
    );
  },
  cancel: (stream) => service.cancel(stream),
  close: (video) => service.close(video),
};

expose(api);
