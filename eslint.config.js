import tseslint from 'typescript-eslint';

/** What each layer may not import: folders directly below src, as they read in a relative import. See docs/ARCHITECTURE.md. */
const layer = (files, folders, message, more = []) => ({
  files,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          { regex: `^(\\.\\./)+(${folders.join('|')})/`, message },
          ...more.map((group) => ({ group: [group], message })),
        ],
      },
    ],
  },
});

const adapters = ['kafka', 'connect', 'runtime', 'render', 'store', 'faults', 'report', 'serve', 'gate'];

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
    ['app', 'cli', 'config', 'composition', 'util', ...adapters],
    'domain is pure: it imports nothing but domain',
    ['node:*'],
  ),
  layer(['src/app/**'], ['cli', 'config', 'composition', ...adapters], 'app imports domain and its own ports', [
    'node:*',
  ]),
  ...adapters.map((name) =>
    layer(
      [`src/${name}/**`],
      ['cli', 'composition', 'config', ...adapters.filter((other) => other !== name)],
      'an adapter imports app/ports and domain, never another adapter',
    ),
  ),
  layer(['src/config/**'], ['cli', 'composition', 'app', ...adapters], 'config imports domain'),
  layer(['src/cli/**'], ['library', ...adapters], 'cli reaches adapters through composition'),
  layer(['src/library/**', 'src/index.ts'], ['cli', ...adapters], 'the library reaches adapters through composition'),
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
