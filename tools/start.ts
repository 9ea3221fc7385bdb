// `npm start`: serves the built page to people and prints its address.
import { exitStatus, numberIn, readArguments } from './commandLine';
import { ensureBuilt, serve } from './serve';

const usualPort = 4173;

const usage = `usage: npm start -- [option...]
  --port N           where to serve; 0 takes any that is free (default ${usualPort}, or any where that is taken)
  --help             only show this`;

export function main(args: readonly string[]): Promise<number> {
  return exitStatus(() => start(args));
}

async function start(args: readonly string[]): Promise<number> {
  const { values } = readArguments(args, usage, {
    port: { type: 'string' },
    help: { type: 'boolean', default: false },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const asked = values.port !== undefined;
  const port = numberIn('--port', values.port ?? String(usualPort), { least: 0, most: 65535, whole: true });
  await ensureBuilt();
  const served = await serve(port).catch((error: unknown) => {
    // The usual port may be taken by another copy; one asked for by name may not be changed in silence.
    if (asked) throw error;
    return serve(0);
  });
  console.log(`Tabtune is at ${served.url} (Ctrl-C ends it)`);
  return new Promise((resolve) => process.once('SIGINT', () => resolve(0)));
}
