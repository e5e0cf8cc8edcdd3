// Builds dist/ from src/, and oclif.manifest.json and the man page from it: without a manifest oclif imports every command at each
// start, and with a stale one it runs old code, so both are made together or not at all.
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

const {createManifest} = await import('./manifest.js')
// Read at each start: short, and in ASCII, of which V8 makes half the string.
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

/** The types of the library. Whether they are right is for `npm run check`: here everybody who installs waits for it. */
async function declarations() {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
  await promisify(execFile)(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noCheck'], {cwd: root})
}
