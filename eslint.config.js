import tseslint from 'typescript-eslint'

/** What each folder of src/lib may not import: imports run one way (docs/architecture.md). */
const folder = (name, forbidden, packages) => ({
  files: [`src/lib/${name}/**/*.ts`],
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {group: ['**/commands/**'], message: 'Nothing in lib imports a command.'},
          ...forbidden.map((other) => ({group: [`**/${other}/**`], message: `${name} does not import ${other}.`})),
          ...packages.map((other) => ({regex: `^${other}($|/)`, message: `${name} does not import ${other}.`})),
        ],
      },
    ],
  },
})

const presentation = ['@oclif/core', 'chalk', 'cli-table3']
const rooms = ['target', 'postgres', 'script', 'server', 'aws']
const others = (own, allowed = []) => [...rooms, 'cli', 'operations', 'app'].filter((name) => name !== own && !allowed.includes(name))

export default tseslint.config(
  {ignores: ['dist/', 'dist-lambda/', 'node_modules/', 'coverage/']},
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'vitest.config.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: {parserOptions: {projectService: true, tsconfigRootDir: import.meta.dirname}},
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', {considerDefaultExhaustiveForUnions: true}],
      '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true}],
      '@typescript-eslint/consistent-type-imports': 'error',
      'max-lines': ['error', {max: 300}],
    },
  },
  {files: ['src/**/*.ts'], rules: {'max-lines-per-function': ['error', {max: 50}], 'no-console': 'error'}},
  folder('target', others('target'), [...presentation, 'pg', '@aws-sdk']),
  folder('postgres', others('postgres', ['target']), [...presentation, '@aws-sdk']),
  folder('script', others('script', ['postgres']), [...presentation, 'pg', '@aws-sdk']),
  folder('server', others('server', ['target']), [...presentation, 'pg', '@aws-sdk']),
  folder('aws', others('aws', ['target']), [...presentation, 'pg']),
  folder('operations', ['cli', 'app'], [...presentation, 'pg', '@aws-sdk']),
  folder('app', ['cli', 'operations', 'script', 'server', 'aws'], [...presentation, 'pg', '@aws-sdk']),
  folder('cli', ['app'], ['pg', '@aws-sdk']),
  {
    files: ['src/lib/errors.ts'],
    rules: {'no-restricted-imports': ['error', {patterns: [{regex: '.*', message: 'errors.ts stands on nothing.'}]}]},
  },
  {
    files: ['src/commands/**/*.ts'],
    rules: {'no-restricted-imports': ['error', {patterns: [{regex: '^(pg|chalk|cli-table3|execa|@aws-sdk)($|/)', message: 'A command parses, calls one operation and prints.'}]}]},
  },
)
