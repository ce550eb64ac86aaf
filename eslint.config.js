import tseslint from 'typescript-eslint';

/** What each layer may import: see docs/ARCHITECTURE.md. Paths are matched on the import text. */
const layer = (files, forbidden, message) => ({
  files,
  rules: {
    'no-restricted-imports': ['error', { patterns: forbidden.map((group) => ({ group: [group], message })) }],
  },
});

const adapters = ['kafka', 'connect', 'runtime', 'render', 'store', 'faults', 'report'];
const notAdapters = adapters.map((name) => `**/${name}/**`);

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'coverage/**', '.kmk/**'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // `using` is there for what happens at the end of the block.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreUsingDeclarations: true }],
      'no-console': 'error',
      'no-process-exit': 'off',
      eqeqeq: 'error',
    },
  },
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
  layer(
    ['src/domain/**'],
    ['node:*', '**/app/**', '**/cli/**', '**/config/**', '**/composition/**', ...notAdapters],
    'domain is pure: it imports nothing but domain',
  ),
  layer(
    ['src/app/**'],
    ['node:*', '**/cli/**', '**/config/**', '**/composition/**', ...notAdapters],
    'app imports domain and its own ports',
  ),
  ...adapters.map((name) =>
    layer(
      [`src/${name}/**`],
      ['**/cli/**', '**/composition/**', '**/config/**', ...notAdapters.filter((other) => other !== `**/${name}/**`)],
      'an adapter imports app/ports and domain, never another adapter',
    ),
  ),
  layer(['src/config/**'], ['**/cli/**', '**/composition/**', '**/app/**', ...notAdapters], 'config imports domain'),
  layer(['src/cli/**'], notAdapters, 'cli reaches adapters through composition'),
  {
    files: ['src/domain/**', 'src/app/**'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'console', 'Buffer', 'setTimeout'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now' },
        { object: 'Math', property: 'random' },
      ],
    },
  },
  {
    files: ['test/**', 'bench/**', 'scripts/**'],
    rules: { 'no-console': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
);
