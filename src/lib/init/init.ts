import {constants} from 'node:fs'
import {type FileHandle, lstat, mkdir, open, readFile, rm} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'
import {packageRoot} from '../package-root.js'
import {seedNames} from '../sql-files/sql-file.js'

/** What became of a file: `kept` is one that was there and is as it was; one that was given a line is `written`. */
export interface InitFile {
  /** Its path from the folder. */
  file: string
  state: 'written' | 'kept'
}

/** What {@link init} did, file by file. */
export interface InitResult {
  folder: string
  files: InitFile[]
}

/** Set or commented out; what is there is the user's decision. */
const urlLine = /^[ \t]*(?:#[ \t]*)?(?:export[ \t]+)?CONNECTION_URL[ \t]*=/m
const envLine =
  '# CONNECTION_URL=postgresql://user:password@localhost:5432/database # where it is set nowhere, local is the embedded server'

/**
 * Writes `sql/schema.sql`, `sql/seed.sql` and a line in `.env` to begin with into a folder. Nothing is overwritten, and no
 * link is followed to a file. Beside a schema of the user's own the seed has no rows, since they would not fit.
 * @throws ConfigurationError (`file_unwritable`)
 */
export async function init(folder: string): Promise<InitResult> {
  const files: InitFile[] = []
  const put = async (file: string, write: (path: string) => Promise<boolean>): Promise<void> => {
    try {
      files.push({file, state: (await write(join(folder, file))) ? 'written' : 'kept'})
    } catch (error) {
      throw unwritable(join(folder, file), error)
    }
  }
  const [schema, seed] = await Promise.all([example('schema.sql'), example('seed.sql')])
  await put('sql/schema.sql', (path) => create(path, schema))
  await put('sql/seed.sql', async (path) => {
    if (await anyIsThere(seedNames.map((name) => join(dirname(path), name)))) return false
    const fits = (await readFile(join(folder, 'sql', 'schema.sql'), 'utf8').catch(() => '')) === schema
    return create(path, fits ? seed : seed.slice(0, seed.indexOf('\n\n') + 1))
  })
  await put('.env', async (path) => (await create(path, `${envLine}\n`, 0o600)) || appendUrl(path))
  return {folder, files}
}

const example = (name: string): Promise<string> => readFile(join(packageRoot(), 'sql', 'init', name), 'utf8')

/** Writes a new file; false where something is there, a link that leads nowhere too. */
async function create(path: string, text: string, mode?: number): Promise<boolean> {
  await mkdir(dirname(path)).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error
  })
  return withFile(open(path, 'wx', mode), 'EEXIST', async (file) => {
    try {
      await file.writeFile(text)
      return true
    } catch (error) {
      // Half a file would be kept by the next run.
      await rm(path)
      throw error
    }
  })
}

/** Adds the line to a file that has none of its kind; false for one that has, and for what is no file of this folder. */
async function appendUrl(path: string): Promise<boolean> {
  // A pipe or a folder would be opened as well, and a reader of a pipe waits.
  if (!(await lstat(path)).isFile()) return false
  if (urlLine.test(await readFile(path, 'utf8'))) return false
  return withFile(open(path, constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW), 'ELOOP', async (file) => {
    const text = await file.readFile('utf8')
    const lineEnd = text.includes('\r\n') ? '\r\n' : '\n'
    await file.writeFile(`${text === '' || text.endsWith('\n') ? '' : lineEnd}${envLine}${lineEnd}`)
    return true
  })
}

/** Calls `use` with the file; false where opening it failed with that code. */
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
      next: ['Run it in a folder that you may write to. What is there already is left as it is.'],
      details: {file: path},
      cause: error,
    },
  )
}
