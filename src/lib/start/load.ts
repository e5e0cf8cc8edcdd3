import {mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {Script} from 'node:vm'
import {isReplaced, lacksFile, programReplaced} from '../package-root.js'

/** What dist/program.cjs exports. */
interface Program {
  /** Runs the program; returns whether the first argument is one that it knows. */
  run: (argv: readonly string[]) => boolean
}

/** Loads the program from `file` and runs it; says so where files of it are missing. */
export function runProgram(file: string, argv: readonly string[]): void {
  try {
    if (process.env['DEBUG']) runPlain(file, argv)
    else runCompiled(file, argv)
  } catch (error) {
    if (!lacksFile(error)) throw error
    const {message, next, exitCode} = programReplaced(error)
    process.stderr.write(`Error: ${message}\n  ${next.join('\n  ')}\n`)
    process.exitCode = exitCode
  }
}

/** Runs the program as Node loads it, so that stacks show the files of src. */
function runPlain(file: string, argv: readonly string[]): void {
  process.setSourceMapsEnabled(true)
  const program = createRequire(file)(file) as Program
  program.run(argv)
}

/** The cache for whatever is typed that the program does not know. */
const unknown = 'unknown'

/**
 * Runs the program with what V8 has compiled of it before, a third of what a start takes. Node's own compile cache keeps
 * what was compiled when a file was loaded; this one keeps what has run, so there is one for each first argument. V8 checks
 * that it fits the file, this Node and its flags (https://nodejs.org/api/vm.html#scriptcreatecacheddata); where it does
 * not, it is written again.
 *
 * The cache lies beside the file. It is read and written only where it belongs to the user who runs it and no one else may
 * write there: whoever could change it could change the program.
 */
function runCompiled(file: string, argv: readonly string[]): void {
  const folder = join(dirname(file), '.cache', `${process.version}-${process.arch}`)
  const place = (name: string): string => join(folder, `${name.replace(/[^\w-]/g, '-')}.bin`)
  const [first = 'help'] = argv
  const found = [first, unknown].find((name) => isPrivate(place(name)))
  const text = `(function(exports,require,module,__filename,__dirname){${readFileSync(file, 'latin1')}\n})`
  const cachedData = found === undefined ? undefined : readFileSync(place(found))
  const script = new Script(text, {filename: file, cachedData})
  const module = {exports: {} as Program}
  const load = script.runInThisContext() as (...values: unknown[]) => void
  load(module.exports, createRequire(file), module, file, dirname(file))
  const name = module.exports.run(argv) ? first : unknown
  if (found === name && script.cachedDataRejected !== true) return
  // At the end, when the functions that this command needs have been compiled.
  process.once('exit', () => keep(place(name), script))
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
  const found = statSync(path, {throwIfNoEntry: false})
  if (found === undefined) return false
  if (process.getuid === undefined) return true
  return found.uid === process.getuid() && (found.mode & 0o022) === 0
}
