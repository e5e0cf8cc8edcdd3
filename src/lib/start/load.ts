import {mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {Script} from 'node:vm'
import type {Manifest} from '../cli/manifest.js'
import {isReplaced, packageRoot} from '../package-root.js'

/** What dist/program.cjs exports. */
export interface Program {
  run: (argv: readonly string[], manifest: Manifest) => void
}

/**
 * Loads the program with what V8 has compiled of it before, a third of what a command takes. Node's own compile cache keeps
 * what was compiled when a file was loaded; this one keeps what has run, so there is one for each command. V8 checks that
 * it fits the file, this Node and its flags (https://nodejs.org/api/vm.html#scriptcreatecacheddata); where it does not, it
 * is written again. With `DEBUG` it is loaded as Node does it, so that stacks show the files of src.
 *
 * The cache lies beside the file. It is read and written only where it belongs to the user who runs it and no one else may
 * write there: whoever could change it could change the program.
 */
export function loadProgram(id: string): Program {
  const file = join(packageRoot(), 'dist', 'program.cjs')
  const require = createRequire(file)
  if (process.env['DEBUG']) {
    process.setSourceMapsEnabled(true)
    return require(file) as Program
  }

  const cache = join(dirname(file), '.cache', `${process.version}-${process.arch}`, `${id.replaceAll(':', '-')}.bin`)
  const cachedData = isPrivate(cache) ? readFileSync(cache) : undefined
  const text = `(function(exports,require,module,__filename,__dirname){${readFileSync(file, 'latin1')}\n})`
  const script = new Script(text, {filename: file, cachedData})
  const module = {exports: {} as Program}
  const load = script.runInThisContext() as (...values: unknown[]) => void
  load(module.exports, require, module, file, dirname(file))
  // At the end, when the functions that this command needs have been compiled.
  if (script.cachedDataRejected !== false) process.once('exit', () => keep(cache, script))
  return module.exports
}

/** Writes it under another name first, so that no one reads half of it; a program that cannot keep it works all the same. */
function keep(place: string, script: Script): void {
  const [folder, draft] = [dirname(place), `${place}.${process.pid}`]
  // What was compiled of files that are gone is of no use to those in their place.
  if (isReplaced() || !isPrivate(dirname(dirname(folder)))) return
  try {
    mkdirSync(folder, {recursive: true, mode: 0o700})
    if (!isPrivate(folder) || !isPrivate(dirname(folder))) return
    writeFileSync(draft, script.createCachedData(), {mode: 0o600, flag: 'wx'})
    renameSync(draft, place)
  } catch {
    rmSync(draft, {force: true})
  }
}

/** Whether it exists, is ours, and no one else may write to it. Windows has no such modes: there its parents' rights hold. */
function isPrivate(path: string): boolean {
  try {
    const {uid, mode} = statSync(path)
    return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)
  } catch {
    return false
  }
}
