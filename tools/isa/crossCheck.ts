// Whether kernels can be said in the languages of other drivers: spirv-cross translates what the compiler was given to
// Metal's and to Direct3D's text. Browsers translate by themselves; what this cannot say they may stumble over too.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const languages: Readonly<Record<string, readonly string[]>> = {
  Metal: ['--msl', '--msl-version', '20300'],
  HLSL: ['--hlsl', '--shader-model', '62', '--hlsl-enable-16bit-types'],
};

export interface CrossCheck {
  readonly kernels: number;
  /** What a kernel could not be translated to, and why. */
  readonly failures: readonly string[];
}

/** Translates all modules of a folder, `*.spirv`. Null where spirv-cross is not installed. */
export function crossCheck(folder: string): CrossCheck | null {
  if (spawnSync('spirv-cross', ['--help']).error) return null;
  const files = readdirSync(folder).filter((name) => name.endsWith('.spirv'));
  const failures = files.flatMap((name) =>
    Object.entries(languages).flatMap(([language, options]) => {
      const { status, stderr } = spawnSync('spirv-cross', [join(folder, name), ...options], { encoding: 'utf8' });
      return status === 0 ? [] : [`${name}: no ${language}: ${stderr.trim().split('\n')[0]}`];
    }),
  );
  return { kernels: files.length, failures };
}
