import {constants} from 'node:fs'
import {type FileHandle, lstat, mkdir, open, readFile, rm} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'
import {packageRoot} from '../package-root.js'
import {seedNames} from '../sql-files/sql-file.js'
import {refuseUtf16} from '../targets/env-file.js'

/** The outcome for one file: `kept` means that it existed and was not changed; a file that got a line is `written`. */
export interface InitFile {
  /** The path, relative to the folder. */
  file: string
  state: 'written' | 'kept'
}

export interface InitResult {
  folder: string
  files: InitFile[]
}

/** Matches the variable, set or commented out. In both cases the user has decided. */
const urlLine = /^[ \t]*(?:#[ \t]*)?(?:export[ \t]+)?CONNECTION_URL[ \t]*=/m
const envLine =
  '# CONNECTION_URL=postgresql://user:password@localhost:5432/database # without this, local is the embedded server'

/**
 * Writes example files into a folder: `sql/schema.sql`, `sql/seed.sql` and a line in `.env`. Nothing is overwritten, and
 * no link is followed. If the user already has a schema, the seed has no rows, because they would not match it.
 * @throws ConfigurationError (`file_unwritable`, `env_file_not_utf8`)
 */
export async function init(folder: string): Promise<InitResult> {
  await checkEnvFile(join(folder, '.env'))
  const files: InitFile[] = []
  const writeIfMissing = async (file: string, write: (path: string) => Promise<boolean>): Promise<void> => {
    try {
      files.push({file, state: (await write(join(folder, file))) ? 'written' : 'kept'})
    } catch (error) {
      throw unwritable(join(folder, file), error)
    }
  }
  const [schema, seed] = await Promise.all([example('schema.sql'), example('seed.sql')])
  await writeIfMissing('sql/schema.sql', (path) => writeNew(path, schema))
  await writeIfMissing('sql/seed.sql', async (path) => {
    if (await anyIsThere(seedNames.map((name) => join(dirname(path), name)))) return false
    const fits = (await readFile(join(folder, 'sql', 'schema.sql'), 'utf8').catch(() => '')) === schema
    return writeNew(path, fits ? seed : seed.slice(0, seed.indexOf('\n\n') + 1))
  })
  await writeIfMissing('.env', async (path) => (await writeNew(path, `${envLine}\n`, 0o600)) || appendUrl(path))
  return {folder, files}
}

const example = (name: string): Promise<string> => readFile(join(packageRoot(), 'sql', 'init', name), 'utf8')

/** Checks the encoding before anything is written. A file that cannot be read is reported when its turn comes. */
async function checkEnvFile(path: string): Promise<void> {
  const isFile = await lstat(path).then(
    (found) => found.isFile(),
    () => false,
  )
  const bytes = isFile ? await readFile(path).catch(() => undefined) : undefined
  if (bytes !== undefined) refuseUtf16(path, bytes)
}

/** Writes a new file; returns false if the path already exists, even as a broken link. */
async function writeNew(path: string, text: string, mode?: number): Promise<boolean> {
  await mkdir(dirname(path)).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error
  })
  return withFile(open(path, 'wx', mode), 'EEXIST', async (file) => {
    try {
      await file.writeFile(text)
      return true
    } catch (error) {
      // The next run would keep an incomplete file.
      await rm(path)
      throw error
    }
  })
}

/** Adds the line to a file without such a line. Returns false if the file has one, or is not a regular file. */
async function appendUrl(path: string): Promise<boolean> {
  // A pipe could be opened too, but reading it would wait forever.
  if (!(await lstat(path)).isFile()) return false
  if (urlLine.test(await readFile(path, 'utf8'))) return false
  return withFile(open(path, constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW), 'ELOOP', async (file) => {
    const text = await file.readFile('utf8')
    const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
    await file.writeFile(`${text === '' || text.endsWith('\n') ? '' : lineEnd}${envLine}${lineEnd}`)
    return true
  })
}

/** Calls `use` with the file; returns false if opening it failed with the code `passedOver`. */
async function withFile(
  opening: Promise<FileHandle>,
  passedOver: string,
  use: (file: FileHandle) => Promise<boolean>,
): Promise<boolean> {
  const file = await opening.catch((error: unknown) => {
    if (errorCode(error) === passedOver) return undefined
    throw error
  })
  if (file === undefined) return false
  try {
    return await use(file)
  } finally {
    await file.close()
  }
}

async function anyIsThere(paths: string[]): Promise<boolean> {
  const found = await Promise.all(
    paths.map((path) =>
      lstat(path).then(
        () => true,
        (error: unknown) => errorCode(error) !== 'ENOENT',
      ),
    ),
  )
  return found.includes(true)
}

function unwritable(path: string, error: unknown): unknown {
  const code = errorCode(error)
  if (code === undefined) return error
  const isNoFolder = code === 'ENOENT' || code === 'ENOTDIR'
  return new ConfigurationError(
    `${path} cannot be written (${isNoFolder ? `${dirname(path)} is not a folder` : code}).`,
    {
      code: 'file_unwritable',
      next: ['Run it in a folder where you have write permission. Existing files were not changed.'],
      details: {file: path},
      cause: error,
    },
  )
}
