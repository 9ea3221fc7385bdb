// Runs a TypeScript tool of this folder in Node with vite's resolution: `node tools/run.mjs goldens ops`.
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createServer, createServerModuleRunner } from 'vite';

const [name, ...args] = process.argv.slice(2);
const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const file = [`tools/${name}.ts`, `${name}`].map((path) => resolve(root, path)).find((path) => existsSync(path));
if (name === undefined || file === undefined) {
  console.error(`usage: node tools/run.mjs TOOL [argument...]; there is no ${name ?? 'tool named'}`);
  process.exit(2);
}

const server = await createServer({
  root,
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, watch: null, ws: false, preTransformRequests: false },
  // Node 20 knows no `using`.
  oxc: { target: 'es2022' },
  optimizeDeps: { noDiscovery: true, include: [] },
});
const runner = createServerModuleRunner(server.environments.ssr, { hmr: false });

function fail(error) {
  console.error(error);
  process.exit(1);
}
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);

try {
  const tool = await runner.import(file);
  const code = await tool.main(args);
  // Dawn and vite keep threads alive: leave by force, after the output is out.
  process.stdout.write('', () => process.exit(code ?? 0));
} catch (error) {
  fail(error);
}
