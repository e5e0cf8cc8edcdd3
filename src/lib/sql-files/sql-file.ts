import {lstatSync, readdirSync, statSync} from 'node:fs'
import {basename, isAbsolute, join, relative, resolve} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'

/** A file to run: SQL, or a table's rows as CSV. */
export interface ScriptInput {
  path: string
  /** Set for CSV: the COPY for it is made from the file's header. */
  table?: string[] | undefined
}

/** The forms that a seed may have in a `sql` folder: at most one of them may be there. */
export const seedNames = ['seed.sql', 'seed.sql.gz', 'seed']
const runnable = /\.(sql|csv)(\.gz)?$/

/** What to run: the path that was found, and the files that it stands for. */
export interface FoundScripts {
  path: string
  inputs: ScriptInput[]
}

/**
 * Finds the schema to run: `chosen`, else `schema.sql` in the nearest `sql` folder of `folders` that has one.
 * `folders` are looked through in order, and a path is relative to the first.
 * @throws ConfigurationError (`schema_file_missing`)
 */
export function findSchema(folders: readonly string[], chosen?: string): FoundScripts {
  if (chosen !== undefined) return only(resolve(folders[0] ?? '.', chosen))
  const path = folders.map((folder) => join(folder, 'sql', 'schema.sql')).find(isThere)
  if (path === undefined) throw missing('sql/schema.sql', 'schema_file_missing', folders)
  return only(path)
}

/**
 * Finds the seed: `chosen`, a file or a folder, else `seed.sql`, `seed.sql.gz` or the folder `seed` in the nearest `sql`
 * folder of `folders` that has one of them; undefined where none has. A folder stands for its files in name order.
 * @throws ConfigurationError (`seed_ambiguous`, `seed_folder_empty`)
 */
export function findSeed(folders: readonly string[], chosen?: string): FoundScripts | undefined {
  if (chosen !== undefined) return fileOrFolder(resolve(folders[0] ?? '.', chosen))
  for (const folder of folders) {
    const found = seedNames.map((name) => join(folder, 'sql', name)).filter(isThere)
    if (found.length > 1) throw ambiguous(found)
    if (found[0] !== undefined) return fileOrFolder(found[0])
  }
  return undefined
}

/**
 * Finds the seed as {@link findSeed} does, for a caller that has nothing to do without one.
 * @throws ConfigurationError (`seed_file_missing`, `seed_ambiguous`, `seed_folder_empty`)
 */
export function requireSeed(folders: readonly string[], chosen?: string): FoundScripts {
  const found = findSeed(folders, chosen)
  if (found === undefined)
    throw missing('sql/seed.sql, sql/seed.sql.gz or folder sql/seed', 'seed_file_missing', folders)
  return found
}

/** A path as people write it: relative to `cwd` where it lies below. */
export function displayPath(path: string, cwd: string): string {
  const fromHere = relative(cwd, path)
  return fromHere === '' || fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere
}

function only(path: string): FoundScripts {
  return {path, inputs: [inputOf(path)]}
}

function fileOrFolder(path: string): FoundScripts {
  if (!statSync(path, {throwIfNoEntry: false})?.isDirectory()) return only(path)
  const names = readdirSync(path).filter((name) => runnable.test(name) && !name.startsWith('.'))
  if (names.length === 0) throw emptyFolder(path)
  // By code unit, as `ls` in the C locale: the order is the same on every machine.
  return {path, inputs: names.sort().map((name) => inputOf(join(path, name)))}
}

/** Digits before the table's name in a CSV's are there for the order: `01-users.csv`, `2_public.posts.csv.gz`. */
function inputOf(path: string): ScriptInput {
  const csv = /^(?:\d+[-_.])?(.+)\.csv(?:\.gz)?$/.exec(basename(path))
  return csv?.[1] === undefined ? {path} : {path, table: csv[1].split('.')}
}

/** A link that leads nowhere and a folder that is closed are there: opening the file says what is wrong with them. */
function isThere(path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch (error) {
    return errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR'
  }
}

function missing(what: string, code: string, folders: readonly string[]): ConfigurationError {
  return new ConfigurationError(`There is no ${what} in ${folders.join(' or ')}. Nothing was changed.`, {
    code,
    next: ['Name a file with --file, or write files to begin with: cruddur-db init'],
    details: {folders},
  })
}

function ambiguous(paths: string[]): ConfigurationError {
  return new ConfigurationError(`There is more than one seed: ${paths.join(' and ')}.`, {
    code: 'seed_ambiguous',
    next: ['Remove one, or choose one with --file.'],
    details: {files: paths},
  })
}

function emptyFolder(folder: string): ConfigurationError {
  return new ConfigurationError(`${folder} has no seed file.`, {
    code: 'seed_folder_empty',
    next: ['Put .sql or .csv files into it, each plain or as .gz.'],
    details: {file: folder},
  })
}
