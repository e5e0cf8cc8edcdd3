// Checks the types, then lints, with one TypeScript program: `tsc` and `eslint` would each read and check all files.
import {ESLint} from 'eslint'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import ts from 'typescript'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const file = join(root, 'tsconfig.json')
const {fileNames, options, errors} = ts.parseJsonConfigFileContent(
  ts.readConfigFile(file, ts.sys.readFile).config,
  ts.sys,
  root,
  undefined,
  file,
)
const program = ts.createProgram(fileNames, options)
const diagnostics = [...errors, ...ts.getPreEmitDiagnostics(program)]
if (diagnostics.length > 0) {
  console.error(
    ts.formatDiagnosticsWithColorAndContext(diagnostics, {
      getCanonicalFileName: (name) => name,
      getCurrentDirectory: () => root,
      getNewLine: () => '\n',
    }),
  )
  process.exit(1)
}

const eslint = new ESLint({
  cwd: root,
  overrideConfig: {
    files: ['**/*.ts'],
    languageOptions: {parserOptions: {projectService: false, programs: [program]}},
  },
})
const results = await eslint.lintFiles(['.'])
const {format} = await eslint.loadFormatter()
const report = await format(results)
if (report !== '') console.log(report)
process.exitCode = results.some(({errorCount}) => errorCount > 0) ? 1 : 0
