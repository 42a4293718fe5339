import tseslint from 'typescript-eslint';

const PRODUCT = [
  'config',
  'domain',
  'store',
  'adapters',
  'activities',
  'workflows',
  'api',
  'worker',
  'stack',
].map((part) => `${part}/**/*.ts`);

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Named exports: one name everywhere.',
};
const noEnum = { selector: 'TSEnumDeclaration', message: 'Literal unions, no enums.' };
const noClock = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'The domain has no clock: the moment is an argument.',
};

const NODE_BUILTINS = { regex: '^node:', message: 'Workflows and the domain do no I/O: an activity does.' };

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '.boucle/', 'node_modules/', 'docs/', 'examples/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'off',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      // An implementation of an asynchronous port may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // `connection: { role }` and the like: numbers in a template are what a message is made of.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: true },
      ],
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': ['error', noDefaultExport, noEnum],
    },
  },
  {
    files: PRODUCT,
    rules: {
      // JSON.parse and drivers answer `any`; typed at the place where it is taken in.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'The environment is read in config/env.ts alone.' },
      ],
    },
  },
  {
    files: ['config/env.ts'],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: ['domain/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [NODE_BUILTINS] }],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'The environment is read in config/env.ts alone.' },
        { object: 'Date', property: 'now', message: 'The domain has no clock: the moment is an argument.' },
        {
          object: 'Math',
          property: 'random',
          message: 'The domain has no chance: a seed or a hash is an argument.',
        },
      ],
      'no-restricted-syntax': ['error', noDefaultExport, noEnum, noClock],
    },
  },
  {
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [NODE_BUILTINS] }],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/activities/*', '**/activities/**', '**/store/**', '**/adapters/**'],
              allowTypeImports: true,
              message: 'Activities are known by their types alone: `import type`.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts', 'bench/**/*.ts', 'sandbox/**/*.ts'],
    rules: {
      // Answers of HTTP calls and of JSON are read as they come here.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['test/support/global-*.ts'],
    // Jest asks for a default export here.
    rules: { 'no-restricted-syntax': 'off' },
  },
);
