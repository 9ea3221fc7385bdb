// Three kinds of test: in Node (with Dawn), inside a real Chromium, and the built page driven from outside.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { browserCommands } from './test/browser/commands.ts';
import { launchOptions } from './tools/browser.ts';

let adapterNamed = false;

/** Each test file opens its own device and names it; once is enough. */
function onConsoleLog(log: string): boolean {
  if (!log.startsWith('adapter: ')) return true;
  const first = !adapterNamed;
  adapterNamed = true;
  return first;
}

const elsewhere = ['test/e2e/**', 'test/browser/**'];

export default defineConfig({
  plugins: [svelte()],
  worker: { format: 'es' },
  test: {
    // Dawn keeps its threads alive: a fork can be ended from outside, a thread cannot.
    pool: 'forks',
    maxWorkers: 2,
    teardownTimeout: 5000,
    onConsoleLog,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: elsewhere,
          environment: 'node',
          // Tests of memory ask for a collection before they measure.
          execArgv: ['--expose-gc'],
          // Mesa's CPU driver then translates kernels faster into slower code: right where kernels run once,
          // not where they run for half an hour.
          env: process.env['WHOLE_STEP'] === '1' ? {} : { GALLIVM_PERF: 'nopt' },
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        // What only a worker imports would be found when a test starts it, and all pages would be loaded anew.
        optimizeDeps: { entries: ['workers/*.ts'], include: ['onnxruntime-web/wasm'] },
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: launchOptions() }),
            instances: [{ browser: 'chromium' }],
            commands: browserCommands,
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/e2e/fakePages.ts',
          environment: 'node',
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
