import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs'
import {dirname} from 'node:path'

/**
 * Code that V8 has compiled: files in `dist/.cache/<version>/`. Whoever can write to one of them runs code as the next
 * user, so the file and these three folders must belong to the user who runs the program, and no one else may write to
 * them. Otherwise the file is neither read nor written. Windows has no such modes: there the rights of the parents hold.
 */

/** Reads a file of the cache. Undefined if there is none that can be trusted and read. */
export function readCompiled(file: string): Buffer | undefined {
  if (!foldersOf(file).every(isOurFolder)) return undefined
  try {
    // Without waiting for a writer, if it is a FIFO, and without following a link.
    const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0))
    try {
      const found = fstatSync(descriptor)
      return found.isFile() && isOurs(found) ? readFileSync(descriptor) : undefined
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return undefined
  }
}

/** Writes a file of the cache, whole or not at all. The program works without it, so a failure is not reported. */
export function keepCompiled(file: string, compile: () => Buffer): void {
  const [dist, cache, folder] = foldersOf(file)
  if (!isOurFolder(dist)) return
  const draft = `${file}.${process.pid}`
  try {
    mkdirSync(folder, {recursive: true, mode: 0o700})
    if (!isOurFolder(cache) || !isOurFolder(folder)) return
    writeFileSync(draft, compile(), {mode: 0o600, flag: 'wx'})
    renameSync(draft, file)
  } catch {
    rmSync(draft, {force: true})
  }
}

function foldersOf(file: string): [dist: string, cache: string, folder: string] {
  const folder = dirname(file)
  const cache = dirname(folder)
  return [dirname(cache), cache, folder]
}

function isOurFolder(path: string): boolean {
  try {
    const found = lstatSync(path)
    return found.isDirectory() && isOurs(found)
  } catch {
    return false
  }
}

/** Whether it belongs to the user of this process, and no one else may write to it. */
function isOurs({uid, mode}: Stats): boolean {
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)
}
