// Lint rules; the table `mayImport` below is the one place that says which folder of src may import which.
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';
import { noImportCircle } from './tools/importCircles.js';

const folders = [
  'formats',
  'text',
  'video',
  'annotations',
  'samples',
  'figure',
  'engine',
  'frames',
  'finders',
  'layers',
  'models',
  'losses',
  'optim',
  'metrics',
  'training',
  'runs',
  'ui',
];

// `types` are folders of which only types may be imported.
const mayImport = {
  formats: {},
  text: { values: ['formats'] },
  video: { values: ['formats'] },
  annotations: { values: ['figure', 'formats'] },
  samples: { values: ['video', 'annotations', 'formats'] },
  figure: { values: ['video', 'samples', 'formats'] },
  engine: { values: ['formats'] },
  frames: { values: ['video', 'engine', 'formats'] },
  finders: { values: ['video', 'figure', 'formats'], types: ['frames', 'training'] },
  layers: { values: ['engine'] },
  losses: { values: ['engine', 'layers'] },
  optim: { values: ['engine'] },
  metrics: { values: ['annotations'], types: ['training'] },
  training: {
    values: ['video', 'samples', 'engine', 'frames', 'layers', 'losses', 'optim', 'metrics', 'formats', 'runs'],
    types: ['models', 'annotations'],
  },
  models: {
    values: [
      'text',
      'video',
      'annotations',
      'samples',
      'figure',
      'engine',
      'frames',
      'layers',
      'losses',
      'optim',
      'metrics',
      'training',
      'formats',
    ],
    types: ['ui', 'runs'],
  },
  runs: { values: ['formats'], types: ['training', 'models', 'engine', 'annotations'] },
  ui: {
    values: ['text', 'video', 'annotations', 'figure', 'frames', 'models', 'metrics', 'training', 'formats', 'runs'],
  },
};

/** The page's Content-Security-Policy does not reach into its workers: there, this keeps data on the machine. */
const network = ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'WebTransport'].map((name) => ({
  name,
  message: 'Only src/runs/download.ts reaches other servers.',
}));

const intoFolders = (names) => `^(\\.\\./)+(${names.join('|')})(/|$)`;
const intoWorkers = { regex: '^(\\.\\./)+workers/', message: 'Nothing in src imports a worker.' };

function restrict(patterns) {
  return { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] };
}

function directionRule(folder, rules) {
  const { values = [], types = [] } = rules;
  const others = folders.filter((name) => name !== folder && !values.includes(name));
  const never = others.filter((name) => !types.includes(name));
  const message = `src/${folder} may import ${values.join(', ') || 'errors only'} (eslint.config.js, mayImport).`;
  const patterns = [intoWorkers, { regex: intoFolders(never), message }];
  if (types.length > 0) {
    patterns.push({
      regex: intoFolders(types),
      allowTypeImports: true,
      message: `src/${folder} may import types only from ${types.join(', ')}.`,
    });
  }
  return patterns;
}

const uiMayUse = directionRule('ui', mayImport.ui);
const modelMayImport = directionRule('models', mayImport.models);

export default ts.config(
  { ignores: ['dist/', 'out/', 'node_modules/', 'public/', 'coverage/', '.ci/', 'shared/', 'test/models/smallest/'] },
  ...ts.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  ...svelte.configs.prettier,
  {
    languageOptions: {
      globals: { ...globals.browser, ...globals.node },
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      'max-lines': ['error', 400],
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Indexing typed arrays gives `number | undefined` to the compiler; in inner loops `!` says what we know.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: { projectService: true, extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig },
    },
    rules: {
      // Big values live in `$state.raw` and are replaced whole, sets among them.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  { files: ['**/*.js', '**/*.mjs'], ...ts.configs.disableTypeChecked },
  { files: ['src/**', 'workers/**'], rules: { 'no-console': 'error', 'no-restricted-globals': ['error', ...network] } },
  // Runs in a worker of its own, for an address that the person gave.
  { files: ['src/runs/download.ts'], rules: { 'no-restricted-globals': 'off' } },
  // Fetches what the build put beside the page.
  {
    files: ['src/finders/ownFiles.ts', 'src/ui/recorded/recording.ts', 'workers/offline.js'],
    rules: { 'no-restricted-globals': 'off' },
  },
  { files: ['src/*.ts'], rules: restrict([intoWorkers, { regex: '^\\./.+/', message: 'errors import nothing.' }]) },
  ...Object.entries(mayImport).map(([folder, rules]) => ({
    files: [`src/${folder}/**`],
    rules: restrict(directionRule(folder, rules)),
  })),
  {
    // One model's folder stands alone: what two models share belongs in layers, losses, metrics or training.
    files: ['src/models/*/*'],
    rules: restrict([
      ...modelMayImport,
      { regex: '^\\.\\./[^./][^/]*/', message: 'A model does not import another model.' },
    ]),
  },
  {
    // The page imports these without a GPU.
    files: ['src/models/*/{task,strings,demo}.ts', 'src/models/*.ts'],
    rules: restrict([
      ...modelMayImport,
      {
        regex: intoFolders(['engine', 'frames', 'layers', 'losses', 'optim']),
        message: 'The page loads this file: no GPU code.',
      },
    ]),
  },
  {
    // The page's side of a model.
    files: ['src/models/*/**/*.svelte', 'src/models/*/**/*.svelte.ts', 'src/models/*/findings.ts'],
    rules: restrict(uiMayUse.filter((pattern) => pattern === intoWorkers || !pattern.regex.includes('ui'))),
  },
  {
    // `new URL('../../../workers/…', import.meta.url)` or `…?worker`, in the page's state only.
    files: ['src/ui/state/**'],
    rules: restrict([
      { regex: '^(\\.\\./)+workers/[^?]*$', allowTypeImports: true, message: 'Import a worker by ?worker only.' },
      ...uiMayUse.filter((pattern) => pattern !== intoWorkers),
    ]),
  },
  {
    files: ['src/**'],
    plugins: { imports: { rules: { 'no-circle': noImportCircle } } },
    rules: { 'imports/no-circle': 'error' },
  },
  { files: ['workers/**'], rules: restrict([{ regex: '/src/ui/', message: 'A worker knows nothing of the page.' }]) },
  {
    files: ['test/**', 'tools/**'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
