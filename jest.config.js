/**
 * Projects from fast to slow; a project is the folder of its tests. CommonJS through swc: the quiet road with the
 * native module of Temporal's SDK.
 */
const ESM_ONLY = [
  // Packages without a CommonJS build. Node requires them as they are, jest cannot: swc turns them for it.
  'content-disposition',
  'cookie',
];

/** One transform for everything: tests, sources, the named packages. */
const transform = {
  '^.+\\.(t|j|mj)s$': [
    '@swc/jest',
    {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2023', keepClassNames: true },
      module: { type: 'commonjs' },
      sourceMaps: 'inline',
    },
  ],
};

const project = (name, more = {}) => ({
  displayName: name,
  rootDir: __dirname,
  testEnvironment: 'node',
  testMatch: [`<rootDir>/test/${name}/**/*.test.ts`],
  transform,
  transformIgnorePatterns: [`/node_modules/(?!(${ESM_ONLY.join('|')})/)`],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.boucle/'],
  ...more,
});

/** @type {import('jest').Config} */
module.exports = {
  projects: ['unit', 'store', 'api', 'replay', 'workflow', 'e2e', 'faults'].map((name) => project(name)),
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  testSequencer: '<rootDir>/test/support/sequencer.js',
  // A project cannot set its own: long enough for a workflow test on a busy two-core machine.
  testTimeout: 60_000,
};
