// Writes dist/bench-adapter.js: our engine in the form that the peer bench loads.
import { build } from 'vite';

export async function main(): Promise<number> {
  await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      target: 'es2022',
      outDir: 'dist',
      emptyOutDir: false,
      minify: false,
      lib: { entry: 'test/bench/adapter.ts', formats: ['es'], fileName: () => 'bench-adapter.js' },
    },
  });
  console.log('dist/bench-adapter.js');
  return 0;
}
