// The lint rule against import circles: types count, and only files of one circle are named.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { importCircles } from '../../tools/importCircles.js';

const folder = mkdtempSync(join(tmpdir(), 'circles-'));
afterAll(() => rmSync(folder, { recursive: true }));

function circles(files: Readonly<Record<string, string>>): Record<string, number> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const found: Map<string, number> = importCircles(folder);
  return Object.fromEntries([...found].map(([path, number]) => [basename(path), number]));
}

it('finds circles through types, other files and Svelte, and leaves alone what only leads there', () => {
  const found = circles({
    'a.ts': "import type { B } from './b';",
    'b.ts': "export { c } from './C.svelte';",
    'C.svelte': '<script lang="ts">\n  import {\n    a,\n  } from \'./a\';\n</script>',
    'd.ts': "import { a } from './a';",
    'e.svelte.ts': "import { f } from './f';",
    'f.ts': "import { e } from './e';\nconst later = import('./a');",
  });
  expect(Object.keys(found).sort()).toEqual(['C.svelte', 'a.ts', 'b.ts', 'e.svelte.ts', 'f.ts']);
  expect(found['a.ts']).toBe(found['C.svelte']);
  expect(found['a.ts']).not.toBe(found['f.ts']);
});
