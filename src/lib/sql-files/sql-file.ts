import {lstatSync, readdirSync, statSync} from 'node:fs'
import {basename, isAbsolute, join, relative, resolve} from 'node:path'
import {ConfigurationError, errorCode} from '../errors.js'
import {requireFile} from './source.js'

/** A file to run: SQL, or CSV with the rows of a table. */
export interface ScriptInput {
  path: string
  /** What is run in place of the bytes of the file: a part of them, with their line numbers, or a text that is in no file. */
  content?: Buffer | undefined
  /** Set for CSV: the table's name, in parts. */
  table?: string[] | undefined
  /** Set if the file's name begins with digits: the name with them, for a table that has it. */
  wholeName?: string[] | undefined
}

/** The possible names of a seed in a `sql` folder. Only one of them may exist. */
export const seedNames = ['seed.sql', 'seed.sql.gz', 'seed']
const runnable = /\.(sql|csv)(\.(gz|zst))?$/i

/** The path that was found, and its files. */
export interface FoundScripts {
  path: string
  inputs: ScriptInput[]
}

/**
 * Finds the schema: `chosen`, or `sql/schema.sql` in the first of `folders` that has one. `chosen` is relative to the first
 * folder.
 * @throws ConfigurationError (`schema_file_missing`, `file_missing`, `file_is_folder`)
 */
export function findSchema(folders: readonly string[], chosen?: string): FoundScripts {
  if (chosen !== undefined) return chosenFile(resolve(folders[0] ?? '.', chosen))
  const path = folders.map((folder) => join(folder, 'sql', 'schema.sql')).find(isThere)
  if (path === undefined) throw missingFile('sql/schema.sql', 'schema_file_missing', folders)
  return only(path)
}

/**
 * Finds the seed: `chosen`, a file or a folder, or `seed.sql`, `seed.sql.gz` or the folder `seed` in the first `sql` folder
 * that has one; undefined if there is none. The files of a folder are in order of their names.
 * @throws ConfigurationError (`seed_ambiguous`, `seed_folder_empty`)
 */
export function findSeed(folders: readonly string[], chosen?: string): FoundScripts | undefined {
  if (chosen !== undefined) {
    const path = resolve(folders[0] ?? '.', chosen)
    return statSync(path, {throwIfNoEntry: false})?.isDirectory() ? fileOrFolder(path) : chosenFile(path)
  }
  for (const folder of folders) {
    const found = seedNames.map((name) => join(folder, 'sql', name)).filter(isThere)
    if (found.length > 1) throw ambiguous(found)
    if (found[0] !== undefined) return fileOrFolder(found[0])
  }
  return undefined
}

/**
 * Finds the seed like {@link findSeed}, but fails if there is none.
 * @throws ConfigurationError (`seed_file_missing`, `seed_ambiguous`, `seed_folder_empty`)
 */
export function requireSeed(folders: readonly string[], chosen?: string): FoundScripts {
  const found = findSeed(folders, chosen)
  if (found === undefined)
    throw missingFile('sql/seed.sql, sql/seed.sql.gz or folder sql/seed', 'seed_file_missing', folders)
  return found
}

/** A path for people: relative to `cwd` if it is inside that folder. */
export function displayPath(path: string, cwd: string): string {
  const fromHere = relative(cwd, path)
  return fromHere === '' || fromHere.startsWith('..') || isAbsolute(fromHere) ? path : fromHere
}

function chosenFile(path: string): FoundScripts {
  requireFile(path)
  return only(path)
}

function only(path: string): FoundScripts {
  return {path, inputs: [inputOf(path)]}
}

function fileOrFolder(path: string): FoundScripts {
  if (!statSync(path, {throwIfNoEntry: false})?.isDirectory()) return only(path)
  const names = readdirSync(path).filter((name) => runnable.test(name) && !name.startsWith('.'))
  if (names.length === 0) throw emptyFolder(path)
  // Sorted by code unit, so that the order is the same on every machine.
  return {path, inputs: names.sort().map((name) => inputOf(join(path, name)))}
}

/**
 * Digits before the table name in the name of a CSV file are only for the order, unless a table has the whole name:
 * `01-users.csv`, `2_public.posts.csv.gz`, `2024_sales.csv`.
 */
function inputOf(path: string): ScriptInput {
  const [, whole, name] = /^((?:\d+[-_.])?(.+))\.csv(?:\.(?:gz|zst))?$/i.exec(basename(path)) ?? []
  if (whole === undefined || name === undefined) return {path}
  return {path, table: name.split('.'), ...(whole === name ? {} : {wholeName: whole.split('.')})}
}

/** Broken links and closed folders count as existing, so that opening the file reports what is wrong. */
function isThere(path: string): boolean {
  try {
    lstatSync(path)
    return true
  } catch (error) {
    return errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR'
  }
}

function missingFile(what: string, code: string, folders: readonly string[]): ConfigurationError {
  return new ConfigurationError(`There is no ${what} in ${folders.join(' or ')}. Nothing was changed.`, {
    code,
    details: {folders},
  })
}

function ambiguous(paths: string[]): ConfigurationError {
  return new ConfigurationError(`There are several seeds: ${paths.join(' and ')}. Nothing was changed.`, {
    code: 'seed_ambiguous',
    next: ['Remove all but one, or choose one with --file.'],
    details: {files: paths},
  })
}

function emptyFolder(folder: string): ConfigurationError {
  return new ConfigurationError(`${folder} contains no seed file. Nothing was changed.`, {
    code: 'seed_folder_empty',
    next: ['Put .sql, .csv, .sql.gz or .csv.gz files into it.'],
    details: {file: folder},
  })
}
