// Builds what measures a row into plain modules, so that a row's process starts at once and runs code as it ships.
import { join, resolve } from 'node:path';
import { build } from 'vite';

const cache = resolve('node_modules/.cache/bench');

/** Path of the module that a row's process in Node runs. */
export async function bundleForNode(): Promise<string> {
  const outDir = join(cache, 'node');
  await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      ssr: 'test/bench/nodeRow.ts',
      target: 'node20',
      outDir,
      emptyOutDir: true,
      minify: false,
      rolldownOptions: { output: { entryFileNames: 'row.mjs' } },
    },
  });
  return join(outDir, 'row.mjs');
}

/**
 * Folder to serve to a browser: `row.js` is the worker's entry, and each of `modules` (paths by name) is `<name>.js`.
 */
export async function bundleForPage(modules: Readonly<Record<string, string>>): Promise<string> {
  const outDir = join(cache, 'page');
  await build({
    configFile: false,
    logLevel: 'error',
    // A peer reads this variable, which a browser does not have.
    define: { 'process.env.ORT_MHA': JSON.stringify(process.env.ORT_MHA ?? '') },
    build: {
      target: 'es2022',
      outDir,
      emptyOutDir: true,
      minify: false,
      modulePreload: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: { row: resolve('test/bench/pageRow.ts'), ...modules },
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js' },
        checks: { bundlerTimings: false },
      },
    },
  });
  return outDir;
}
