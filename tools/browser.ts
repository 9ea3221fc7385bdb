// Finds a Chromium to test with and says how to launch it with WebGPU.
import { spawnSync, type SpawnSyncOptions } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];

function usualPlaces(): string[] {
  if (process.platform === 'darwin') {
    const apps = ['/Applications', join(process.env.HOME ?? '', 'Applications')];
    const inside = [
      'Google Chrome.app/Contents/MacOS/Google Chrome',
      'Chromium.app/Contents/MacOS/Chromium',
      'Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    ];
    return apps.flatMap((folder) => inside.map((path) => join(folder, path)));
  }
  if (process.platform === 'win32') {
    const { ProgramFiles, LOCALAPPDATA } = process.env;
    const roots = [ProgramFiles, process.env['ProgramFiles(x86)'], LOCALAPPDATA].filter((root) => root !== undefined);
    const inside = ['Google/Chrome', 'Chromium', 'Microsoft/Edge'];
    const programs = ['chrome.exe', 'msedge.exe'];
    return roots.flatMap((root) =>
      inside.flatMap((path) => programs.map((program) => join(root, path, 'Application', program))),
    );
  }
  return [
    '/usr/lib/chromium/chromium',
    '/opt/google/chrome/chrome',
    '/snap/bin/chromium',
    '/opt/microsoft/msedge/msedge',
  ];
}

/** Path of an installed Chromium, Chrome or Edge, or undefined. CHROMIUM names one by hand. */
export function findBrowser(): string | undefined {
  const chosen = process.env.CHROMIUM;
  if (chosen) {
    if (!existsSync(chosen)) throw new Error(`CHROMIUM names a browser that does not exist: ${chosen}`);
    return chosen;
  }
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const onPath = folders.flatMap((folder) => names.map((name) => join(folder, name + suffix)));
  return [...onPath, ...usualPlaces()].find((path) => existsSync(path));
}

/** As findBrowser; installs Debian's Chromium when root, and otherwise says what to install. */
export function requireBrowser(): string {
  const found = findBrowser();
  if (found !== undefined) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('No Chromium found: installing it with apt-get.');
    const options: SpawnSyncOptions = { stdio: ['ignore', 'ignore', 'inherit'] };
    spawnSync('apt-get', ['update'], options);
    spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], options);
    const installed = findBrowser();
    if (installed !== undefined) return installed;
  }
  throw new Error(
    'No Chromium found. Install Chrome, Edge or Chromium 121 or newer (Debian: apt-get install chromium), ' +
      'or put the path of its program in the variable CHROMIUM.',
  );
}

/** True where the machine shows a device of a real GPU; a guess that saves launching a browser to ask. */
export function mayHaveGpu(): boolean {
  if (process.platform !== 'linux') return true;
  if (existsSync('/dev/nvidia0') || existsSync('/dev/dxg')) return true;
  return existsSync('/dev/dri') && readdirSync('/dev/dri').some((name) => name.startsWith('renderD'));
}

export interface LaunchOptions {
  executablePath?: string;
  args: string[];
}

/** Playwright's launch options for a Chromium with WebGPU; `software` forces the CPU adapter. */
export function launchOptions(software = !mayHaveGpu()): LaunchOptions {
  const args = [
    '--enable-unsafe-webgpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
    '--disable-quic',
  ];
  if (process.platform === 'linux') {
    if (process.getuid?.() === 0) args.push('--no-sandbox');
    args.push(software ? '--use-webgpu-adapter=swiftshader' : '--enable-features=Vulkan');
  }
  const executablePath = findBrowser();
  return { args, ...(executablePath === undefined ? {} : { executablePath }) };
}
