// Where rows are measured: each in a Node process of its own, or each in a worker of a Chromium of its own.
import { spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { openPage } from '../../tools/page';
import { serve } from '../../tools/serve';
import { bundleForNode, bundleForPage } from './bundle';
import type { Answer, Request } from './protocol';

export interface Host {
  /** What to know of it when reading figures. */
  readonly description: string;
  /** Address at which a module is found there. */
  readonly address: (module: string) => string;
  /** Throws an Error when there is no answer in time or at all. */
  readonly ask: (request: Request, limitSeconds: number) => Promise<Answer>;
  readonly close: () => void;
}

/** `modules`: paths by name. */
export async function nodeHost(modules: Readonly<Record<string, string>>): Promise<Host> {
  const program = await bundleForNode();
  return {
    description: `Node ${process.versions.node}, a process for each row, finished work asked for once a millisecond`,
    address: (module) => pathToFileURL(modules[module]!).href,
    ask: (request, limitSeconds) => askProcess(program, request, limitSeconds),
    close: () => undefined,
  };
}

function askProcess(program: string, request: Request, limitSeconds: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, JSON.stringify(request)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, errors, late] = ['', '', false];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, limitSeconds * 1000);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const line = output.split('\n').find((one) => one.startsWith('RESULT '));
      if (line !== undefined) resolve(JSON.parse(line.slice('RESULT '.length)) as Answer);
      else if (late) reject(stopped(limitSeconds));
      else reject(new Error(`its process ended with ${code ?? signal ?? ''}: ${thrown(errors)}`));
    });
  });
}

function stopped(limitSeconds: number): Error {
  return new Error(`stopped after ${limitSeconds} s; --limit allows more`);
}

/** The line that names the error in what Node prints before it ends. */
function thrown(errors: string): string {
  const lines = errors.trim().split('\n');
  return lines.find((line) => /^\s*(\w*Error|Error)\b/.test(line))?.trim() ?? lines.at(-1)!;
}

/** `modules`: paths by name. */
export async function pageHost(modules: Readonly<Record<string, string>>): Promise<Host> {
  const folder = await bundleForPage(modules);
  const { url, server } = await serve(0, { folder });
  return {
    description: 'Chromium, a dedicated worker in a browser of its own for each row',
    address: (module) => new URL(`${module}.js`, url).href,
    ask: (request, limitSeconds) => askWorker(url, request, limitSeconds),
    close: () => server.close(),
  };
}

async function askWorker(url: string, request: Request, limitSeconds: number): Promise<Answer> {
  const { browser, page } = await openPage(url, { headed: false });
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(stopped(limitSeconds)), limitSeconds * 1000);
    });
    const answer = page.evaluate(
      ([script, message]) =>
        new Promise<Answer>((resolve, reject) => {
          const worker = new Worker(script, { type: 'module' });
          worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => resolve(data));
          worker.addEventListener('error', (event) => reject(new Error(event.message || 'the worker did not start')));
          worker.postMessage(message);
        }),
      [new URL('row.js', url).href, request] as const,
    );
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
    await browser.close();
  }
}
