// `npm start`: serves the built page to people and prints its address.
//
//   npm start [-- --port N]
import { ensureBuilt, serve } from './serve';

const usualPort = 4173;

export async function main(args: readonly string[]): Promise<number> {
  const at = args.indexOf('--port');
  const port = at < 0 ? usualPort : Number(args[at + 1]);
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error('--port wants a number from 0 to 65535.');
  await ensureBuilt();
  const served = await serve(port).catch((error: unknown) => {
    // The usual port may be taken by another copy; one asked for by name may not be changed in silence.
    if (at >= 0) throw error;
    return serve(0);
  });
  console.log(`Tabtune is at ${served.url} (Ctrl-C ends it)`);
  return new Promise((resolve) => process.once('SIGINT', () => resolve(0)));
}
