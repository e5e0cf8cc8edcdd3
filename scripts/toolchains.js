// Fetches from npm the versions of Node and npm that CI runs on beside the machine's own, into node_modules/.cache or the
// folder that is named: `node scripts/toolchains.js` prints the folder in which node22/bin/node and npm10/bin/npm-cli.js are.
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

/** The folder of the fetched toolchains; it appears when all of them are in it. */
function fetchToolchains(place) {
  const installed = join(place, 'node_modules')
  if (existsSync(place)) return installed
  mkdirSync(dirname(place), {recursive: true})
  const draft = mkdtempSync(`${place}-`)
  try {
    const dependencies = Object.fromEntries(Object.entries(packages).map(([name, spec]) => [name, `npm:${spec}`]))
    writeFileSync(join(draft, 'package.json'), JSON.stringify({dependencies}))
    // A shell finds npm.cmd on Windows; nothing in the command comes from outside.
    execFileSync('npm install --no-package-lock --no-audit --no-fund --ignore-scripts', {
      cwd: draft,
      shell: true,
      stdio: ['ignore', 2, 2],
    })
    // Tests run them under another account, too.
    chmodSync(draft, 0o755)
    renameSync(draft, place)
  } finally {
    rmSync(draft, {recursive: true, force: true})
  }
  return installed
}

console.log(fetchToolchains(process.argv[2] ?? join(root, 'node_modules', '.cache', 'toolchains')))
