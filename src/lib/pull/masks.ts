import {existsSync} from 'node:fs'
import {readdir, readFile} from 'node:fs/promises'
import {basename, join} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'
import {restricted} from '../dumps/load-schema.js'
import {dryWalk} from '../sql-files/dry-walk.js'
import {displayPath} from '../sql-files/sql-file.js'
import {fixedVariables} from '../sql-text/psql/own-variables.js'
import {foldersOfRepository} from '../targets/folders.js'

/** The SELECT of a table: what of its rows is pulled, and how. */
export interface Mask {
  /** For people. */
  file: string
  /** The name of the file without `.sql`: `table` or `schema.table`. */
  name: string
  select: string
}

/** Where the SELECTs are, or would be: `sql/pull` in the nearest folder that has a `sql` folder. */
export function pullFolder(cwd: string): string {
  const folders = foldersOfRepository(cwd)
  const place = (folder: string): string => join(folder, 'sql', 'pull')
  const found =
    folders.find((folder) => existsSync(place(folder))) ?? folders.find((folder) => existsSync(join(folder, 'sql')))
  return place(found ?? cwd)
}

/**
 * Reads the SELECTs, with psql's variables replaced. psql's commands are refused, because they could read files.
 * @throws ConfigurationError (`pull_file_invalid`), SqlError
 */
export async function readMasks(cwd: string, variables: Readonly<Record<string, string>>): Promise<Mask[]> {
  const folder = pullFolder(cwd)
  const names = existsSync(folder) ? (await readdir(folder)).filter((name) => /^[^.].*\.sql$/.test(name)).sort() : []
  const masks: Mask[] = []
  for (const name of names) {
    const path = join(folder, name)
    const file = displayPath(path, cwd)
    masks.push({file, name: basename(name, '.sql'), select: await selectIn(path, file, {cwd, variables})})
  }
  return masks
}

async function selectIn(
  path: string,
  file: string,
  {cwd, variables}: {cwd: string; variables: Readonly<Record<string, string>>},
): Promise<string> {
  const statements: string[] = []
  const walk = dryWalk({
    cwd,
    values: {...fixedVariables, ...variables},
    add({piece}) {
      statements.push(piece.bytes.toString('utf8', piece.start))
      return undefined
    },
  })
  const content = Buffer.from(restricted(await readFile(path, 'utf8')))
  await walk.run({path, content}).catch((error: unknown) => {
    throw errorCode(error) === 'script_psql_command' ? notASelect(file) : error
  })
  const [select = '', ...more] = statements
  if (more.length === 0 && /^(?:select|with|values|table)\b|^\(/i.test(select)) return select.trim().replace(/;$/, '')
  throw notASelect(file)
}

function notASelect(file: string): ConfigurationError {
  return new ConfigurationError(`${file} must be one SELECT, without commands of psql. Nothing was pulled.`, {
    code: 'pull_file_invalid',
    details: {file},
  })
}
