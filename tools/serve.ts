// Builds the page when it is missing or old, and serves dist/ on this machine only.
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve, sep } from 'node:path';
import { build } from 'vite';

const dist = resolve('dist');
const sources = ['src', 'workers', 'public', 'index.html', 'vite.config.ts', 'svelte.config.js', 'package-lock.json'];

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

function newest(path: string): number {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status === undefined) return 0;
  if (!status.isDirectory()) return status.mtimeMs;
  // A folder's own time changes when a file in it is deleted.
  return Math.max(status.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Builds dist/ unless it is newer than everything that it is made of. */
export async function ensureBuilt(): Promise<void> {
  const page = join(dist, 'index.html');
  if (existsSync(page) && statSync(page).mtimeMs > Math.max(...sources.map((path) => newest(resolve(path))))) return;
  // The runner of tools says `development`, with which Svelte would build its larger, slower version.
  process.env.NODE_ENV = 'production';
  await build({ logLevel: 'warn' });
}

export interface Served {
  readonly url: string;
  readonly server: Server;
}

/** The file that an address stands for, or undefined for anything that is not a file inside the folder. */
function fileFor(folder: string, address: string): string | undefined {
  try {
    const pathname = decodeURIComponent(new URL(address, 'http://localhost').pathname);
    const path = resolve(folder, `.${pathname}`, pathname.endsWith('/') ? 'index.html' : '');
    return path.startsWith(folder + sep) && statSync(path).isFile() ? path : undefined;
  } catch {
    // A broken escape or no such file: not found, as for any other wrong address.
    return undefined;
  }
}

export interface ServeChoices {
  readonly folder?: string;
  /** Sent with every file. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Serves a folder (dist/) on 127.0.0.1; port 0 takes any free one. */
export async function serve(port: number, { folder = dist, headers = {} }: ServeChoices = {}): Promise<Served> {
  const server = createServer((request, response) => {
    const file = fileFor(folder, request.url ?? '/');
    if (file === undefined) {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Not found');
      return;
    }
    response.writeHead(200, {
      'Content-Type': types[extname(file)] ?? 'application/octet-stream',
      'Cache-Control': 'no-cache',
      ...headers,
    });
    if (request.method === 'HEAD') response.end();
    else createReadStream(file).pipe(response);
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(port, '127.0.0.1', done);
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}
