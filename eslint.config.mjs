import tseslint from 'typescript-eslint';

/** The walls of ARCHITECTURE.md: what each folder must never import. A crossing fails the build. */
const walls = [
  {
    files: ['src/core/**'],
    never: [
      'vscode',
      'node:*',
      'vscode-*',
      '**/protocol/**',
      '**/engine/**',
      '**/server/**',
      '**/host/**',
      '**/cli/**',
    ],
    why: 'core is pure: no VS Code, no Node, no shells',
  },
  {
    files: ['src/protocol/**'],
    never: ['vscode', 'node:*', '**/engine/**', '**/server/**', '**/host/**', '**/cli/**'],
    why: 'protocol has types and codecs only',
  },
  {
    files: ['src/engine/**'],
    never: ['vscode', '**/server/**', '**/host/**', '**/cli/**'],
    why: 'the engine knows no shell',
  },
  {
    files: ['src/server/**'],
    never: ['vscode', '**/host/**', '**/cli/**'],
    why: 'the server never imports VS Code or the host',
  },
  {
    files: ['src/host/**'],
    never: [
      '**/core/formats/**',
      '**/core/pairing/**',
      '**/core/folding/**',
      '**/engine/**',
      '**/server/**',
      '**/cli/**',
    ],
    why: 'the host is thin: no parsing, no arithmetic',
  },
  {
    files: ['src/cli/**'],
    never: ['vscode', '**/host/**', '**/server/**'],
    why: 'the command line sits over the engine',
  },
  {
    files: ['media/**'],
    never: ['vscode', 'node:*', '**/src/engine/**', '**/src/server/**', '**/src/host/**'],
    why: 'a webview knows the protocol and itself',
  },
];

/** Formats know nothing of one another; what two share lives in a folder of its own beside them. */
const formats = ['onnx', 'torch', 'safetensors', 'moduleText'];

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'out/**',
      '.vscode-test/**',
      'node_modules/**',
      'test/fixtures/**',
      'samples/**',
    ],
  },
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts', 'media/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      curly: ['error', 'multi-line'],
      eqeqeq: 'error',
      'max-lines': ['error', { max: 400 }],
      'no-console': 'error',
    },
  },
  {
    files: ['**/kernels/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['test', 'describe', 'it', 'suite'] },
          ],
        },
      ],
    },
  },
  { files: ['bench/**/*.ts', 'test/**/*.ts'], rules: { 'no-console': 'off' } },
  ...walls.map(({ files, never, why }) => ({
    files,
    rules: { 'no-restricted-imports': ['error', { patterns: [{ group: never, message: why }] }] },
  })),
  ...formats.map((name) => ({
    files: [`src/core/formats/${name}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: walls[0].never, message: walls[0].why },
            {
              group: formats
                .filter((other) => other !== name)
                .map((other) => `**/formats/${other}/**`)
                .concat(['**/pairing/**', '**/folding/**', '**/drift/**']),
              message: 'a format knows of no other format and of no rule',
            },
          ],
        },
      ],
    },
  })),
);
