/**
 * The arrows between rooms: handlers -> runtime -> adapters -> core -> kernel, and never back.
 * `test/arrows.test.ts` plants a violation of each and sees it found.
 */
const adapters = [
  'aws',
  'crypto',
  'dynamodb',
  'http',
  'memory',
  'mysql',
  'opensearch',
  'parameters',
  'redis',
  'secrets',
  'sqs',
  'system',
];

module.exports = {
  forbidden: [
    {
      name: 'no-circles-at-run-time',
      comment: 'Modules that need each other at load time cannot be understood, or loaded, one by one.',
      severity: 'error',
      from: { path: '^functions/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'core-imports-only-core',
      comment: 'No AWS, no driver, no ambient time, randomness or I/O in core: not even a built-in module.',
      severity: 'error',
      from: { path: '^functions/core/' },
      to: { pathNot: '^functions/core/' },
    },
    {
      name: 'kernel-imports-nothing',
      severity: 'error',
      from: { path: '^functions/core/kernel/' },
      to: { pathNot: '^functions/core/kernel/' },
    },
    {
      name: 'adapters-know-core-only',
      severity: 'error',
      from: { path: '^functions/adapters/' },
      to: { path: '^(functions/(?!core/|adapters/)|scripts/|test/)' },
    },
    ...adapters.map((name) => ({
      name: `adapter-${name}-stands-alone`,
      comment:
        'An adapter never imports another: only what all clients of AWS have in common, and how all are late.',
      severity: 'error',
      from: { path: `^functions/adapters/${name}/` },
      to: { path: '^functions/adapters/', pathNot: `^functions/adapters/(${name}/|aws/|system/when-late)` },
    })),
    {
      name: 'runtime-does-not-know-handlers',
      severity: 'error',
      from: { path: '^functions/runtime/' },
      to: { path: '^(functions/[^/]+\\.ts$|scripts/|test/)' },
    },
    {
      name: 'only-composition-wires-adapters',
      comment: 'Handlers and middleware get what they need; they never reach for a driver.',
      severity: 'error',
      from: { path: '^functions/', pathNot: '^functions/(adapters/|runtime/composition/)' },
      to: { path: '^functions/adapters/' },
    },
    {
      name: 'functions-do-not-know-scripts-or-tests',
      severity: 'error',
      from: { path: '^functions/' },
      to: { path: '^(infra|scripts|test)/' },
    },
    {
      name: 'infra-knows-no-driver',
      comment:
        'Names of variables, routes and lanes, and what core and the adapters say of themselves: nothing that connects.',
      severity: 'error',
      from: { path: '^infra/' },
      to: {
        path: '^functions/',
        pathNot:
          '^functions/(core/|runtime/[^/]+\\.ts$|adapters/mysql/schema/fingerprint\\.ts$|adapters/opensearch/(mappings|names)\\.ts$)',
      },
    },
    {
      name: 'infra-does-not-know-scripts-or-tests',
      comment: 'But how everything is bundled that is deployed.',
      severity: 'error',
      from: { path: '^infra/' },
      to: { path: '^(scripts|test)/', pathNot: '^scripts/local/bundle\\.ts$' },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      // `aws-lambda` is types alone.
      to: { couldNotResolve: true, pathNot: '^aws-lambda$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.cjs', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
