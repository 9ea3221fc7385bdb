// What tests inside the browser may ask of Node: a server with one file on it, and what ffprobe says of a video.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileServer, type FileServerOptions } from '../helpers/fileServer.ts';

const servers = new Map<string, FileServer>();

/** The file's byte at a position, as the tests expect it. */
const byteAt = (i: number): number => (i * 31) & 255;

/** Of each stream, what ffprobe calls so. */
export type ProbedStreams = readonly {
  readonly codec_type: string;
  readonly codec_name: string;
  readonly width?: number;
  readonly height?: number;
  readonly nb_read_frames?: string;
}[];

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
  /** Streams of a video (base64) as ffprobe counts them; null where it is not installed. */
  probeVideo(_: unknown, content: string, name: string): ProbedStreams | null {
    const folder = mkdtempSync(join(tmpdir(), 'tabtune-probe-'));
    try {
      const path = join(folder, name);
      writeFileSync(path, Buffer.from(content, 'base64'));
      const asked = ['-v', 'error', '-count_frames', '-show_streams', '-of', 'json', path];
      const { status, stdout, error } = spawnSync('ffprobe', asked, { encoding: 'utf8' });
      if (error) return null;
      if (status !== 0) throw new Error(`ffprobe does not open ${name}`);
      return (JSON.parse(stdout) as { streams: ProbedStreams }).streams;
    } finally {
      rmSync(folder, { recursive: true });
    }
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
    probeVideo: WithoutContext<typeof browserCommands.probeVideo>;
    stopFileServers: WithoutContext<typeof browserCommands.stopFileServers>;
  }
}
