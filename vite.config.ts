// Builds and serves the page; the result in dist/ is plain files that any static host can serve.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { offlineWorker } from './tools/offlineWorker.ts';

// Nothing depends on cross-origin isolation (plain hosts cannot set headers); ISOLATED=1 tries the page with it.
const headers: Record<string, string> = process.env.ISOLATED
  ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
  : {};

/** What mediabunny leaves out of browsers, as an empty ES module: Vite's own is CommonJS, whose support would be in the first load. */
const withoutNode: Plugin = {
  name: 'without-node',
  apply: 'build',
  enforce: 'pre',
  resolveId: (source, importer) => (source === './node.js' && importer?.includes('/mediabunny/') ? '\0no-node' : null),
  load: (id) => (id === '\0no-node' ? 'export {}' : null),
};

export default defineConfig({
  base: './',
  plugins: [svelte(), offlineWorker(), withoutNode],
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
    rolldownOptions: {
      checks: { bundlerTimings: false },
      // The first load is one file, which packs better than twenty. Its entry stays beside it: that waits for parts which
      // import from here.
      output: { codeSplitting: { groups: [{ name: 'first', test: /\/src\/ui\/App\.svelte$/ }] } },
    },
  },
  server: { host: '127.0.0.1', headers },
  preview: { host: '127.0.0.1', headers },
});
