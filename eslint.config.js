import tseslint from 'typescript-eslint'

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
)
