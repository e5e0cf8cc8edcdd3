// Builds dist/ from src/, then oclif.manifest.json and the man page. Without a manifest, oclif imports every command at
// each start; with an old one, it runs old code. So a failed build leaves no manifest.
import {execFile} from 'node:child_process'
import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {bundleLibrary, bundleProgram} from './bundle.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const manifest = join(root, 'oclif.manifest.json')

rmSync(join(root, 'dist'), {recursive: true, force: true})
rmSync(manifest, {force: true})
await Promise.all([declarations(), bundleProgram(root), bundleLibrary(root)])

const {writeQuestions} = await import('./pg-dump-questions.js')
await writeQuestions(root)

const {createManifest} = await import('./manifest.js')
// The manifest is read at each start, so it is compact, and in ASCII, for which V8 needs half of the memory.
writeFileSync(
  manifest,
  JSON.stringify(await createManifest(root, './dist/program.cjs')).replaceAll(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  ),
)

const {manPage} = await import('./man.js')
mkdirSync(join(root, 'man'), {recursive: true})
writeFileSync(join(root, 'man', 'cruddur-db.1'), manPage())

/** Writes the types of the library without checking them, since every install waits for it; `npm run check` checks them. */
async function declarations() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  await promisify(execFile)(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noCheck'], {cwd: root})
}
