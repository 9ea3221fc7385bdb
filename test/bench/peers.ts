// Finds the peer bench and puts a copy of it, with what it depends on, where git does not look.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const INSTALLED = 'node_modules/.package-lock.json';

/** Folder of the peer bench, or undefined. Throws where BENCH_PEERS names something else. */
export function findPeers(): string | undefined {
  const named = process.env.BENCH_PEERS;
  const folder = resolve(named ?? '../shared/bench/peers');
  if (existsSync(workloadsOf(folder))) return folder;
  if (named !== undefined) throw new Error(`BENCH_PEERS names ${named}, which has no lib/workloads.mjs.`);
  return undefined;
}

/** Path of the module that makes workloads. */
export function workloadsOf(folder: string): string {
  return join(folder, 'lib', 'workloads.mjs');
}

/**
 * Puts our adapter of a peer for a workload of our own beside the installed peers, where its imports are found.
 * @param copy what `installPeers` returned
 * @returns the adapter's path there
 */
export function installAdapter(copy: string, workload: string, peer: string): string {
  const path = join(copy, 'own', workload, `${peer}.mjs`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, readFileSync(resolve('test/bench', workload, `${peer}.mjs`)));
  return path;
}

/**
 * Copies the peer bench into node_modules/.cache and installs what its lock file names, once per lock file.
 * @returns the copy's folder
 */
export function installPeers(folder: string): string {
  const lock = join(folder, 'package-lock.json');
  if (!existsSync(lock)) throw new Error(`The peer bench has no package-lock.json, so no pinned peers: ${folder}`);
  const key = createHash('sha256').update(readFileSync(lock)).digest('hex').slice(0, 12);
  const copy = resolve('node_modules/.cache/peers', key);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name));
    if (!entry.isFile() || path.includes('node_modules')) continue;
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), readFileSync(join(folder, path)));
  }
  // npm writes this file when all else is in place.
  if (!existsSync(join(copy, INSTALLED))) {
    console.log('installing the peers (some 600 MB, once)…');
    const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
      cwd: copy,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
    if (status !== 0 || !existsSync(join(copy, INSTALLED))) {
      throw new Error(`npm could not install the peers. See what "npm ci" says in ${copy}`);
    }
  }
  return copy;
}
