// Builds the page, or others by their sources, and serves the result as a plain host would.
import { build, preview } from 'vite';

export interface Served {
  readonly url: string;
  /** Where what is served lies. */
  readonly folder: string;
  close(): Promise<void>;
}

/** `input` names pages of the project; its own by default. */
export async function servePage(outDir: string, input?: string[]): Promise<Served> {
  await build({
    logLevel: 'error',
    build: { outDir, emptyOutDir: true, ...(input && { rolldownOptions: { input } }) },
  });
  const server = await preview({ logLevel: 'error', build: { outDir }, preview: { port: 0, host: '127.0.0.1' } });
  return { url: server.resolvedUrls!.local[0]!, folder: outDir, close: () => server.close() };
}
