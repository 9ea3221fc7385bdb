// A server on this machine that serves one file as downloads meet it: ranges, versions, broken connections, refusals.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FileServerOptions {
  etag?: string;
  /** Closes the connection after so many bytes of the answer. */
  breakAfter?: number;
  /** Sends nothing more after so many bytes of the answer, and leaves the connection open. */
  stallAfter?: number;
  /** Answers a range with the whole file. */
  ignoreRanges?: boolean;
  status?: number;
}

export class FileServer {
  /** The file; a test may change it. */
  content: Uint8Array;
  options: FileServerOptions;
  /** The Range header of each request, or an empty text. */
  readonly requests: string[] = [];
  readonly #server: Server;

  constructor(content: Uint8Array, options: FileServerOptions = {}) {
    this.content = content;
    this.options = options;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** Starts on a free port; gives the file's address. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/w.safetensors`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { etag = '"v1"', breakAfter, stallAfter, ignoreRanges, status } = this.options;
    const range = request.headers.range ?? '';
    this.requests.push(range);
    const headers = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'ETag', ETag: etag };
    if (status !== undefined) return void response.writeHead(status, headers).end('no');
    const from = ignoreRanges ? 0 : Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0);
    if (from > 0 && from >= this.content.length) return void response.writeHead(416, headers).end();
    const bytes = this.content.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { ...headers, 'Content-Length': bytes.length });
    if (stallAfter !== undefined) response.write(bytes.subarray(0, stallAfter));
    else if (breakAfter === undefined) response.end(bytes);
    else response.write(bytes.subarray(0, breakAfter), () => setTimeout(() => response.destroy(), 50));
  }
}
