import {randomBytes} from 'node:crypto'
import {type FileHandle, link, lstat, open, realpath, rename, rm} from 'node:fs/promises'
import {basename, dirname, join, resolve} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'

export interface OutputOptions {
  /** The base of a relative path. */
  cwd: string
  /** Whether an existing file is replaced. */
  force?: boolean
  /** The permissions of a new file, before the umask. */
  mode?: number
}

/** Node's codes of a folder or file system in which no link can be made. */
const noLinks: readonly (string | undefined)[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']

/**
 * A file that is written whole or not at all: under another name in the same folder, and renamed at the end. A link to an
 * existing file is followed.
 */
export class OutputFile {
  private constructor(
    readonly path: string,
    private readonly draft: string,
    private readonly handle: FileHandle,
    private readonly force: boolean,
  ) {}

  /**
   * Runs `write` with a new file, which gets its name if `write` succeeds, and is removed otherwise.
   * @throws ConfigurationError (`file_exists`, `file_unwritable`)
   */
  static async write<T>(
    file: string,
    {cwd, force = false, mode = 0o666}: OutputOptions,
    write: (handle: FileHandle) => Promise<T>,
  ): Promise<T> {
    const path = resolve(cwd, file)
    const output = await OutputFile.begin(path, force, mode)
    try {
      const result = await write(output.handle)
      await output.finish()
      return result
    } catch (error) {
      await output.discard()
      throw isOfFile(error) ? unwritable(path, error) : error
    }
  }

  private static async begin(named: string, force: boolean, mode: number): Promise<OutputFile> {
    try {
      const existing = await lstat(named).catch(() => undefined)
      if (existing !== undefined && !force) throw exists(named)
      const path = existing?.isSymbolicLink() === true ? await realpath(named).catch(() => named) : named
      const found = existing === undefined ? undefined : await lstat(path)
      if (found !== undefined && !found.isFile() && !found.isSymbolicLink()) throw notAFile(named)
      const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
      return new OutputFile(
        path,
        draft,
        await open(draft, 'wx', found === undefined ? mode : found.mode & 0o777),
        force,
      )
    } catch (error) {
      throw unwritable(named, error)
    }
  }

  private async finish(): Promise<void> {
    try {
      await this.handle.sync()
      await this.handle.close()
      if (this.force) await rename(this.draft, this.path)
      else await this.nameUnlessTaken()
    } catch (error) {
      throw unwritable(this.path, error)
    }
  }

  /** Another process may have made a file of that name meanwhile. A rename would replace it, and a link does not. */
  private async nameUnlessTaken(): Promise<void> {
    try {
      await link(this.draft, this.path)
      await rm(this.draft)
    } catch (error) {
      if (errorCode(error) === 'EEXIST') throw exists(this.path)
      if (!noLinks.includes(errorCode(error))) throw error
      if ((await lstat(this.path).catch(() => undefined)) !== undefined) throw exists(this.path)
      await rename(this.draft, this.path)
    }
  }

  private async discard(): Promise<void> {
    await this.handle.close().catch(() => undefined)
    await rm(this.draft, {force: true}).catch(() => undefined)
  }
}

function exists(path: string): ConfigurationError {
  return new ConfigurationError(`${path} already exists. It was not changed.`, {
    code: 'file_exists',
    next: ['Use another name, or --force to replace it.'],
    details: {file: path},
  })
}

function notAFile(path: string): ConfigurationError {
  return new ConfigurationError(`${path} is not a regular file, so it cannot be replaced.`, {
    code: 'file_unwritable',
    next: ['Use the path of a file.'],
    details: {file: path},
  })
}

/** Whether Node could not write a file, for example because the disk is full. */
function isOfFile(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && /^(write|f|close)/.test(String(error.syscall))
}

/** The error for a file that cannot be written. Errors without a code of Node are returned unchanged. */
export function unwritable(path: string, error: unknown): unknown {
  const reason = errorCode(error)
  if (error instanceof ConfigurationError || reason === undefined) return error
  return new ConfigurationError(`${path} cannot be written: ${(error as Error).message}.`, {
    code: 'file_unwritable',
    next: ['Check the folder, its permissions, and the space on the disk.'],
    details: {file: path, reason},
    cause: error,
  })
}
