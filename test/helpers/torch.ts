// Debian's python3-torch, where it is installed: the judge of the files that we write, and a writer of files to read.
import { execFileSync } from 'node:child_process';

function findPython(): string | null {
  for (const python of ['python3', '/usr/bin/python3'])
    try {
      execFileSync(python, ['-c', 'import importlib.util as i, sys; sys.exit(i.find_spec("torch") is None)'], {
        stdio: 'ignore',
      });
      return python;
    } catch {
      // Not there, or without torch: the next one may have it.
    }
  return null;
}

/** The program whose Python has torch, or null. */
export const torchPython = findPython();

/** What a skipped test says. */
export const withoutTorch = 'skipped: no python3-torch on this machine (Debian: apt-get install python3-torch)';

/** Runs a script with arguments; returns what it prints. */
export function runTorch(script: string, ...args: readonly string[]): string {
  if (torchPython === null) throw new Error(withoutTorch);
  return execFileSync(torchPython, ['-W', 'ignore', '-c', script, ...args], { encoding: 'utf8' });
}
