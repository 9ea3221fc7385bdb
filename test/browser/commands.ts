// What tests inside the browser may ask of Node: a server with one file on it.
import { FileServer, type FileServerOptions } from '../helpers/fileServer.ts';

const servers = new Map<string, FileServer>();

/** The file's byte at a position, as the tests expect it. */
const byteAt = (i: number): number => (i * 31) & 255;

export const browserCommands = {
  /** Starts a server; gives the address of its file. */
  async startFileServer(_: unknown, bytes: number, options: FileServerOptions): Promise<string> {
    const server = new FileServer(
      Uint8Array.from({ length: bytes }, (_, i) => byteAt(i)),
      options,
    );
    const url = await server.start();
    servers.set(url, server);
    return url;
  },
  /** Changes how a server answers; gives the Range headers of its requests so far. */
  setFileServer(_: unknown, url: string, options: FileServerOptions): readonly string[] {
    const server = servers.get(url)!;
    server.options = options;
    return server.requests;
  },
  async stopFileServers(): Promise<void> {
    for (const server of servers.values()) await server.stop();
    servers.clear();
  },
};

type WithoutContext<F> = F extends (context: never, ...args: infer A) => infer R
  ? (...args: A) => Promise<Awaited<R>>
  : never;

declare module 'vitest/browser' {
  interface BrowserCommands {
    startFileServer: WithoutContext<typeof browserCommands.startFileServer>;
    setFileServer: WithoutContext<typeof browserCommands.setFileServer>;
    stopFileServers: WithoutContext<typeof browserCommands.stopFileServers>;
  }
}
