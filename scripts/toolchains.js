// Installs the other versions of Node and npm that CI tests, and dbmate, from npm, into node_modules/.cache or the folder that
// is named. `node scripts/toolchains.js` prints the folder, which contains node22/bin/node, npm10/bin/npm-cli.js and so on.
import {execFileSync} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const platform = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
const packages = {
  node20: `node-${platform}@20`,
  node22: `node-${platform}@22`,
  node24: `node-${platform}@24`,
  npm10: 'npm@10',
  npm11: 'npm@11',
}
/** Not there for every platform. */
const optionalPackages = {dbmate: `@dbmate/${process.platform}-${process.arch}@2.36.0`}
const fromNpm = (specs) => Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, `npm:${spec}`]))

/** Returns the folder of the toolchains; it is created when all of them are complete. */
export function fetchToolchains(place = join(root, 'node_modules', '.cache', 'toolchains')) {
  const installed = join(place, 'node_modules')
  if (existsSync(place)) return installed
  mkdirSync(dirname(place), {recursive: true})
  const draft = mkdtempSync(`${place}-`)
  try {
    const wanted = {dependencies: fromNpm(packages), optionalDependencies: fromNpm(optionalPackages)}
    writeFileSync(join(draft, 'package.json'), JSON.stringify(wanted))
    // On Windows only a shell finds npm.cmd. The command contains no input of others.
    execFileSync('npm install --no-package-lock --no-audit --no-fund --ignore-scripts', {
      cwd: draft,
      shell: true,
      stdio: ['ignore', 2, 2],
    })
    // Tests also run them under another account.
    chmodSync(draft, 0o755)
    renameSync(draft, place)
  } finally {
    rmSync(draft, {recursive: true, force: true})
  }
  return installed
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(fetchToolchains(process.argv[2]))
