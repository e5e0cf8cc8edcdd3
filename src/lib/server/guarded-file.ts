import {constants, type Stats} from 'node:fs'
import {type FileHandle, lstat, open} from 'node:fs/promises'
import {dirname} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'

/** No file of the server that is read here is longer. */
const maxFileBytes = 65_536

/**
 * Reads a file in a folder of the server, which may belong to another account. Follows no link, waits for no writer of a
 * FIFO, and reads only what belongs to the owner of the folder or is our own: otherwise root would give that
 * account another's file.
 * Undefined if there is no file.
 * @throws ConfigurationError (`home_unusable`)
 */
export async function readGuarded(path: string): Promise<string | undefined> {
  return withGuarded(path, constants.O_RDONLY, async (file) => {
    const {buffer, bytesRead} = await file.read(Buffer.alloc(maxFileBytes), 0, maxFileBytes, 0)
    return buffer.toString('utf8', 0, bytesRead)
  })
}

/** Replaces the text of such a file. @throws ConfigurationError (`home_unusable`) */
export async function writeGuarded(path: string, text: string): Promise<void> {
  await withGuarded(path, constants.O_WRONLY, async (file) => {
    await file.truncate()
    await file.write(text, 0)
  })
}

async function withGuarded<T>(
  path: string,
  mode: number,
  use: (file: FileHandle) => Promise<T>,
): Promise<T | undefined> {
  let file: FileHandle | undefined
  try {
    // Windows has neither flag.
    file = await open(path, mode | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    const [found, folder] = [await file.stat(), await lstat(dirname(path))]
    if (!found.isFile() || !mayUse(found, folder)) throw foreign(path)
    return await use(file)
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    // A link, or a FIFO without a reader.
    throw code === 'ELOOP' || code === 'EMLINK' || code === 'ENXIO' ? foreign(path, error) : error
  } finally {
    await file?.close()
  }
}

/** A file of ours counts too, unless it has another name elsewhere: then it may have been linked here. */
function mayUse({uid, nlink}: Stats, folder: Stats): boolean {
  return process.platform === 'win32' || uid === folder.uid || (uid === process.getuid?.() && nlink === 1)
}

function foreign(path: string, cause?: unknown): ConfigurationError {
  return new ConfigurationError(`${path} is not a file of the account of the embedded server. It was not read.`, {
    code: 'home_unusable',
    next: ['Remove it, or set CRUDDUR_DB_HOME to another folder.'],
    cause,
  })
}
