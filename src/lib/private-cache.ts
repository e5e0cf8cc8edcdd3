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
 * Files that are made again if they are missing, for example code that V8 has compiled. Whoever can write to one of them
 * decides what the next user runs or reads, so a file and its folders, up to `root`, must belong to the user who runs the
 * program, and no one else may write to them. Otherwise the file is neither read nor written. Windows has no such modes:
 * there the rights of the parents hold.
 */
export interface CachedFile {
  /** The path of the file, below `root`. */
  path: string
  /** The folder that may belong to anyone else above. It must exist. */
  root: string
}

/** Reads a file of the cache. Undefined if there is none that can be trusted and read. */
export function readCached(file: CachedFile): Buffer | undefined {
  if (!foldersOf(file).every(isOurFolder)) return undefined
  try {
    // Without waiting for a writer, if it is a FIFO, and without following a link.
    const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0)
    const descriptor = openSync(file.path, flags)
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
export function keepCached(file: CachedFile, make: () => Buffer | string): void {
  const {path, root} = file
  if (!isOurFolder(root)) return
  const draft = `${path}.${process.pid}`
  try {
    mkdirSync(dirname(path), {recursive: true, mode: 0o700})
    if (!foldersOf(file).every(isOurFolder)) return
    writeFileSync(draft, make(), {mode: 0o600, flag: 'wx'})
    renameSync(draft, path)
  } catch {
    rmSync(draft, {force: true})
  }
}

/** The folder of the file and those above it, up to the root. */
function foldersOf({path, root}: CachedFile): string[] {
  const folders = [dirname(path)]
  for (let folder = dirname(path); folder !== root && folder !== dirname(folder);) {
    folder = dirname(folder)
    folders.push(folder)
  }
  return folders
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
