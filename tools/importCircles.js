// A lint rule: no file of src imports itself through others, types included. No kept library reads TypeScript 6 and Svelte
// on Node 20, so the imports are read here: once per run, then every file only looks its own up.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const endings = ['', '.ts', '.svelte', '.svelte.ts'];
const imports = /^\s*(?:import|export)\s[^'"`;]*?from\s*['"](\.[^'"]*)['"]/gm;

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return /\.(ts|svelte)$/.test(entry.name) ? [path] : [];
  });
}

function target(from, specifier) {
  const base = resolve(dirname(from), specifier);
  const found = endings.map((ending) => base + ending).find((path) => existsSync(path) && statSync(path).isFile());
  return found ?? null;
}

/** Number of the circle that each file belongs to (Tarjan 1972); files that belong to none are left out. */
export function importCircles(folder) {
  const edges = new Map();
  for (const file of filesIn(folder)) {
    const found = [...readFileSync(file, 'utf8').matchAll(imports)].map(([, specifier]) => target(file, specifier));
    edges.set(file, found.filter(Boolean));
  }
  const order = new Map();
  const low = new Map();
  const stack = [];
  const circles = new Map();
  const visit = (file) => {
    order.set(file, order.size);
    low.set(file, order.get(file));
    stack.push(file);
    for (const next of edges.get(file) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file), low.get(next)));
    }
    if (low.get(file) !== order.get(file)) return;
    const members = stack.splice(stack.indexOf(file));
    if (members.length > 1) for (const one of members) circles.set(one, order.get(file));
  };
  for (const file of edges.keys()) if (!order.has(file)) visit(file);
  return circles;
}

let circles = null;

export const noImportCircle = {
  meta: { type: 'problem', schema: [], messages: { circle: '{{path}} leads back to this file: no import circles.' } },
  create(context) {
    circles ??= importCircles(join(context.cwd, 'src'));
    const circle = circles.get(context.filename);
    if (circle === undefined) return {};
    const check = (node) => {
      const path = node.source?.value;
      if (typeof path !== 'string' || !path.startsWith('.')) return;
      const file = target(context.filename, path);
      if (file !== null && circles.get(file) === circle) context.report({ node, messageId: 'circle', data: { path } });
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};
