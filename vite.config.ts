// Builds and serves the page; the result in dist/ is plain files that any static host can serve.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { offlineWorker } from './tools/offlineWorker.ts';

// Nothing depends on cross-origin isolation (plain hosts cannot set headers); ISOLATED=1 tries the page with it.
const headers: Record<string, string> = process.env.ISOLATED
  ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
  : {};

export default defineConfig({
  base: './',
  plugins: [svelte(), offlineWorker()],
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    reportCompressedSize: false,
    // What is loaded when used brings its styles and asks for the rest itself; lists of it all would be in the first load.
    modulePreload: {
      resolveDependencies: (_url, files, { hostType }) =>
        hostType === 'html' ? files : files.filter((file) => file.endsWith('.css')),
    },
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
  server: { host: '127.0.0.1', headers },
  preview: { host: '127.0.0.1', headers },
});
