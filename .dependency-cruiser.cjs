/** Who may import whom. Held by test/unit/repo/import-rules.test.ts. */
const PARTS = [
  'config',
  'domain',
  'store',
  'adapters',
  'activities',
  'workflows',
  'api',
  'worker',
  'stack',
  'sandbox',
  'test',
  'bench',
];
const CONTRACT = '^workflows/[^/]+/contract';

/** `part` imports nothing of the project but these (and itself). */
const only = (part, allowed, comment) => ({
  name: `${part}-imports`,
  comment,
  severity: 'error',
  from: { path: `^${part}/` },
  to: { path: `^(${PARTS.join('|')})/`, pathNot: [`^${part}/`, ...allowed] },
});

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    only('domain', [], 'The domain is pure.'),
    only('config', ['^domain/'], 'Configuration knows the words of the domain.'),
    only('store', ['^domain/'], 'A store knows the domain and PostgreSQL.'),
    only(
      'adapters',
      ['^domain/', '^config/'],
      'An adapter knows its port, and the shape of its configuration.',
    ),
    only('workflows', ['^domain/', '^activities/'], 'A workflow orchestrates.'),
    only(
      'activities',
      ['^domain/', '^store/', '^adapters/', CONTRACT],
      'Activities join store and adapters.',
    ),
    only(
      'api',
      ['^domain/', '^store/', '^adapters/', '^config/', CONTRACT],
      'The api talks to workflows by their contracts.',
    ),
    only(
      'worker',
      ['^(config|domain|store|adapters|activities|workflows|stack)/'],
      'The worker knows everything but the api and the sandbox.',
    ),
    only(
      'stack',
      ['^config/', '^domain/campaigns/search-attributes'],
      'The stack starts processes; it has none of their code.',
    ),
    {
      name: 'config-by-type',
      comment: 'Adapters get values from who makes them, not from the configuration.',
      severity: 'error',
      from: { path: '^adapters/' },
      to: { path: '^config/', dependencyTypesNot: ['type-only', 'type-import'] },
    },
    {
      name: 'activities-by-type',
      comment: 'A workflow that imports an activity for real drags the world into its bundle.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only', 'type-import'] },
    },
    {
      name: 'workflows-by-contract',
      comment: 'One workflow knows another by its contract.',
      severity: 'error',
      from: { path: '^workflows/([^/]+)/' },
      to: {
        path: '^workflows/[^/]+/',
        pathNot: ['^workflows/$1/', CONTRACT],
        dependencyTypesNot: ['type-only', 'type-import'],
      },
    },
    {
      name: 'pure-without-node',
      comment: 'No I/O, no clock, no randomness in the domain and the workflows.',
      severity: 'error',
      from: { path: '^(domain|workflows)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'pure-packages',
      comment:
        'Of packages the domain knows zod, and the pure readers of phone numbers and of zones; workflows the workflow side of the SDK too.',
      severity: 'error',
      from: { path: '^(domain|workflows)/' },
      to: {
        path: 'node_modules/',
        pathNot: [
          'node_modules/zod/',
          'node_modules/libphonenumber-js/',
          'node_modules/luxon/',
          'node_modules/@temporalio/(workflow|common)/',
          'node_modules/@types/',
        ],
      },
    },
    {
      name: 'light-bundle',
      comment: 'The tables of phone numbers are heavier than all workflows together; zones are the gate’s.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: 'node_modules/(libphonenumber-js|luxon)/', reachable: true },
    },
    {
      name: 'domain-without-temporal',
      severity: 'error',
      from: { path: '^domain/' },
      to: { path: 'node_modules/@temporalio/' },
    },
    {
      name: 'shipped-packages',
      comment: 'The image has no devDependencies.',
      severity: 'error',
      from: { path: '^(config|domain|store|adapters|activities|workflows|api|worker|stack)/.*[.]ts$' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only', 'type-import'],
      },
    },
    {
      name: 'no-circles',
      comment: 'Two files that need each other are one thing, or three.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only', 'type-import'] } },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types', 'import'],
    },
  },
};
