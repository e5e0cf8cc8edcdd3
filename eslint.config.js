import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import tseslint from 'typescript-eslint'

const ids = readdirSync(join(import.meta.dirname, 'src/commands'), {recursive: true}).map((file) =>
  file.replace(/\.ts$/, '').replaceAll(/[\\/]/g, ':'),
)
/** A text with a command of ours. The name under which connect is seen on the server is none. */
const namesCommand = `/^(?!cruddur-db connect$).*\\bcruddur-db (--|(${ids.join('|')})\\b)/s`

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
  {
    files: ['src/lib/**/*.ts', 'src/lambda/**/*.ts', 'src/index.ts'],
    ignores: ['src/lib/{cli,start,completion}/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...[`Literal[value=${namesCommand}]`, `TemplateElement[value.raw=${namesCommand}]`].map((selector) => ({
          selector,
          message: 'Users of the library have no commands. Advice that names one is in src/lib/cli/advice.ts.',
        })),
      ],
    },
  },
  {files: ['src/**/*.ts'], rules: {'max-lines-per-function': ['error', {max: 50}], 'no-console': 'error'}},
)
